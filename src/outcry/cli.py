"""The command line: ``outcry up`` and its companions. Heavy imports wait until a command needs them."""

import asyncio
import contextlib
import gc
import importlib.util
import json
import logging
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outcry.auditing import audit
from outcry.failing import fail
from outcry.keys import keys
from outcry.kit.errors import OutcryError, UnavailableError
from outcry.kit.log_lines import LineFormatter
from outcry.serving import StartError, listen, make_server, open_tls

if TYPE_CHECKING:
    from pydantic import ValidationError

    from outcry.main import Platform
    from outcry.settings import Settings

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Outcry: a desk for traders and their AI.")
cli.add_typer(keys, name="keys")
cli.add_typer(audit, name="audit")


def main() -> None:
    """Run the command line; what a person can mend is one line, never a traceback."""
    cli()


# After so many new objects the young are looked through for garbage; each further number is how often that is done
# before the older ones are, too.
_COLLECTING = (5_000, 20, 20)


@cli.command()
def up(
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate (PEM) to speak TLS 1.3 with.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).")] = None,
) -> None:
    """Migrate, load the sample market and serve everything in this process."""
    # Starting makes many objects and drops few: looking for garbage meanwhile costs a third of the time.
    gc.disable()
    _configure_logging()
    given = {name: path for name, path in (("tls_cert", tls_cert), ("tls_key", tls_key)) if path}
    settings = _settings().model_copy(update=given)
    try:
        tls = open_tls(settings.tls_cert, settings.tls_key)
        listening = listen(settings)
        _run(_serve(settings, listening, tls))
    except (StartError, UnavailableError) as error:
        fail(str(error))


@cli.command("import")
def import_bars(
    files: Annotated[
        list[Path], typer.Argument(help="CSV, JSON lines or Parquet files, or folders of them.", show_default=False)
    ],
    symbol: Annotated[str | None, typer.Option(help="The symbol, where the file does not name it.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="1m 5m 15m 1h 4h 1d 1w 1M, where spacing misleads.")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA time zone of times without one.")] = None,
    date_format: Annotated[str | None, typer.Option(help="ymd, mdy, dmy or a strptime pattern.")] = None,
    skip_bad_rows: Annotated[bool, typer.Option(help="Import the good rows of a file that has bad ones.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen, and change nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="A file for the whole report, as JSON.")] = None,
) -> None:
    """Import recorded bars for everybody; a file is taken whole or, with the reason, not at all."""
    from outcry.importing import import_with_progress

    settings = _settings()
    try:
        fine = import_with_progress(
            settings,
            files,
            symbol=symbol,
            timeframe=timeframe,
            zone=timezone,
            date_format=date_format,
            skip_bad_rows=skip_bad_rows,
            dry_run=dry_run,
            report_file=report,
        )
    except OutcryError as error:
        fail(error.detail)
    raise typer.Exit(0 if fine else 1)


@cli.command("import-facts")
def import_facts(
    files: Annotated[
        list[Path], typer.Argument(help="The SEC's company facts (JSON) or XBRL instances (XML).", show_default=False)
    ],
    symbol: Annotated[str, typer.Option(help="Whose figures they are, where the file does not say it.")] = "",
    filed: Annotated[str, typer.Option(help="When an XBRL instance was filed, such as 2023-11-03.")] = "",
) -> None:
    """Import what companies reported, for everybody; every figure keeps the day on which it was filed."""
    from outcry.reporting import import_reports

    try:
        fine = import_reports(_settings(), files, symbol=symbol, filed=filed)
    except OutcryError as error:
        fail(str(error))
    if not fine:
        raise typer.Exit(1)


@cli.command()
def migrate() -> None:
    """Bring every service's database to its newest form, and say what was done."""
    settings = _settings()

    async def work() -> None:
        platform = _platform(settings)
        try:
            for service, revisions in (await _migrate(platform)).items():
                typer.echo(f"{service}: {', '.join(revisions) if revisions else 'nothing to do'}")
        finally:
            await platform.stop()

    try:
        _run(work())
    except StartError as error:
        fail(str(error))


@cli.command()
def restored() -> None:
    """Say that the databases were put back from an older copy: what browsers have open is loaded anew."""
    settings = _settings()

    async def work() -> None:
        platform = _platform(settings)
        try:
            await _migrate(platform)
            await platform.message_log.renew()
            typer.echo("Browsers are going to load their rooms anew.")
        finally:
            await platform.stop()

    try:
        _run(work())
    except StartError as error:
        fail(str(error))


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from outcry.main import Platform
    from outcry.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Settings(data=Path(folder)))
        typer.echo(json.dumps(platform.app.openapi(), indent=2, sort_keys=True, ensure_ascii=False))
        _run(platform.stop())


def _settings() -> "Settings":
    from pydantic import ValidationError

    from outcry.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            typer.echo(f"outcry: {problem['loc'][0]}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None


def _wrong_setting(error: "ValidationError") -> str:
    """Return what is wrong with a service's settings. What was written is not shown: it may be a secret."""
    problem = error.errors()[0]
    service, place = error.title.removesuffix("Settings"), [str(part) for part in problem["loc"]]
    name = "_".join(("OUTCRY", service, *place[:1])).upper()
    return ": ".join((name, *filter(None, [".".join(place[1:])]), problem["msg"].removeprefix("Value error, ")))


def _platform(settings: "Settings") -> "Platform":
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from outcry.engines import UnknownEngineError
    from outcry.main import Platform

    try:
        return Platform(settings)
    except (UnknownEngineError, UnavailableError) as error:
        raise StartError(str(error)) from error
    except ValidationError as error:
        raise StartError(_wrong_setting(error)) from None
    except SettingsError as error:
        raise StartError(f"{str(error).partition(' from source')[0]}: it has to be JSON") from None
    except OSError as error:
        raise StartError(f"the data folder {settings.data} cannot be used: {error.strerror}") from error


async def _migrate(platform: "Platform") -> dict[str, list[str]]:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return await platform.migrate()
    except (OSError, SQLAlchemyError) as error:
        # The first line says what; the rest is SQL. The address itself may hold a password and is not shown.
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise StartError(f"the databases of OUTCRY_DATABASE cannot be used: {reason}") from error


async def _serve(settings: "Settings", listening: socket.socket, tls: ssl.SSLContext | None) -> None:
    from outcry.engines import mail_folder

    host, port = listening.getsockname()[:2]
    platform = _platform(settings.model_copy(update={"port": port}))
    try:
        await _migrate(platform)
        await platform.load_sample_market()
        await platform.start()
        shown = f"[{host}]" if ":" in host else host
        # What is there now stays to the end, so the collector need not look through it ever again.
        gc.freeze()
        # By default all that thousands of sockets hold is gone through every few seconds, 75 ms during which nobody is
        # served; most of what is thrown away is young.
        gc.set_threshold(*_COLLECTING)
        gc.enable()
        if settings.mail.startswith("file:"):
            typer.echo(f"Mail is not sent but kept in {mail_folder(settings)}: OUTCRY_MAIL names no mail server")
        scheme = "https" if tls else "http"
        ready = f"Outcry is ready on {scheme}://{shown}:{port} (data in {settings.data})"
        await make_server(platform, ready=ready, tls=tls).serve(sockets=[listening])
    finally:
        gc.unfreeze()
        await platform.stop()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end on uvloop where there is one; Ctrl+C is a normal end."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if importlib.util.find_spec("uvloop"):
        import uvloop

        factory = uvloop.new_event_loop
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)


def _configure_logging() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for noisy in ("httpx", "httpcore", "alembic", "uvicorn.error", "openai"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
