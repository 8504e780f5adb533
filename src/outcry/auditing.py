"""``outcry audit``: exports the log, and verifies exports where there is neither the server nor its data."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import UUID

import typer

from outcry.failing import fail, failing_in_a_line

if TYPE_CHECKING:
    from outcry.settings import Settings

audit = typer.Typer(no_args_is_help=True, help="The audit log: export it, and verify exports anywhere.")

_SAY_EVERY_S = 0.5

_Keys = Annotated[list[str] | None, typer.Option("--key", help="The key that must have signed, or a file with it.")]
_Kept = Annotated[
    list[Path] | None, typer.Option("--checkpoint", help="A checkpoint that you keep elsewhere, or a folder of them.")
]
_Export = Annotated[Path, typer.Argument(help="An export: the zip, or the folder it was unpacked to.")]


@audit.command()
def verify(export: _Export, key: _Keys = None, checkpoint: _Kept = None) -> None:
    """Verify an export, or name the first entry that was changed, removed, inserted, reordered or cut off the end.

    Ends with 0 where all is what was signed, 1 where it is not, 2 where the export cannot be read.
    """
    from outcry.services.audit.offline import say_export

    _say(*say_export(export, keys=key or (), kept=checkpoint or ()))


@audit.command("verify-proof")
def verify_proof(
    proof: Annotated[Path, typer.Argument(help="What the API answered to a question for a proof.")],
    key: Annotated[str | None, typer.Option(help="The key that must have signed, or a file with it.")] = None,
    checkpoint: _Kept = None,
) -> None:
    """Verify one proof that the API gave: of an entry, or between the two checkpoints that you give."""
    from outcry.services.audit.offline import say_proof

    _say(*say_proof(proof, key=key, kept=checkpoint or ()))


@audit.command()
def record(
    export: _Export,
    named: Annotated[str, typer.Option("--object", help="TYPE:ID, such as room:0197…; TYPE:- where there is one.")],
    at: Annotated[str | None, typer.Option(help="As it was then; without a zone it is UTC.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every version, the original first.")] = False,
) -> None:
    """Make a record again as an export tells it, as JSON. Whether the export is right, verify says."""
    from outcry.services.audit.offline import say_record

    _say(*say_record(export, named=named, at=at, every=every))


@audit.command()
def export(
    file: Annotated[Path, typer.Argument(help="The zip to write; one that is there is replaced once all is written.")],
    tenant: Annotated[UUID | None, typer.Option(help="The organisation, where there is more than one log.")] = None,
) -> None:
    """Write an organisation's log to a file; the server may run. That you did becomes an entry itself."""
    from outcry.settings import Settings

    with failing_in_a_line():
        asyncio.run(_export(Settings(), file, tenant))


async def _export(settings: "Settings", file: Path, tenant: UUID | None) -> None:
    from outcry.engines import migrations_folder, open_blobs, open_database, open_secrets
    from outcry.kit.clock import SystemClock
    from outcry.services.audit.module import build_exports
    from outcry.services.audit.settings import AuditSettings
    from outcry.services.auth.module import build_opening

    clock = SystemClock()
    databases = {name: open_database(settings, name, clock) for name in ("auth", "audit")}
    secrets = open_secrets(settings)
    blobs = open_blobs(settings, secrets)
    try:
        for name, database in databases.items():
            await database.migrate(migrations_folder(name))
        exports = build_exports(
            database=databases["audit"],
            open_sealed=build_opening(database=databases["auth"], secrets=secrets, clock=clock),
            secrets=secrets,
            blobs=blobs,
            clock=clock,
            settings=AuditSettings(),
        )
        chosen = _choose(await exports.sign_newest(), tenant)
        wanted = await exports.begin(tenant_id=chosen, size=None, actor_id=None)
        written = await _write(exports.stream(wanted), file)
        when = f"{wanted.time:%Y-%m-%d %H:%M:%S} UTC"
        typer.echo(f"{file}: {wanted.size} entries, up to the checkpoint signed at {when}; {written} bytes")
    finally:
        await blobs.close()
        await secrets.close()
        for database in databases.values():
            await database.close()


def _choose(logs: dict[UUID, int], tenant: UUID | None) -> UUID:
    """Return which log is meant: the one that was named, else the only one of an organisation."""
    from outcry.services.auth.events import NO_TENANT

    if tenant in logs:
        return tenant
    listed = ", ".join(f"{one} ({size} entries)" for one, size in sorted(logs.items()))
    if not logs:
        fail("there is no audit log with entries in this installation")
    if tenant is not None:
        fail(f"there is no log of {tenant}; there are {listed}")
    organisations = [one for one in logs if one != NO_TENANT]
    if len(organisations) != 1:
        fail(f"say which log by --tenant: {listed}")
    return organisations[0]


async def _write(chunks: AsyncIterator[bytes], file: Path) -> int:
    """Write beside the file and put it in its place once all is on the disk: nobody finds a part."""
    part = file.with_name(f".{file.name}.part")
    written, said = 0, time.monotonic()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            async for chunk in chunks:
                written += target.write(chunk)
                if time.monotonic() - said > _SAY_EVERY_S:
                    said = time.monotonic()
                    _progress(f"{written / 1e6:,.0f} MB written")
            target.flush()
            await asyncio.to_thread(os.fsync, target.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
        _progress("")
    return written


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{text:<40}\r", nl=False, err=True)


def _say(code: int, lines: list[str]) -> NoReturn:
    for line in lines:
        typer.echo(line, err=code == 2)
    raise typer.Exit(code)
