"""The command ``outcry import-facts``: takes companies' reports and says what became of each file."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from outcry.adapters.filings.none import NoneFilings
from outcry.engines import migrations_folder, open_database, open_time_series
from outcry.kit.clock import SystemClock
from outcry.kit.errors import InvalidInputError, OutcryError
from outcry.services.charts import module as charts
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.fundamentals.commands import MOST_BYTES
from outcry.services.charts.fundamentals.contracts import FactsImport
from outcry.settings import Settings


def import_reports(settings: Settings, files: Sequence[Path], *, symbol: str, filed: str) -> bool:
    """Import files for everybody and print what became of each; True when every file was taken.

    Raises InvalidInputError where ``filed`` is no day.
    """
    try:
        day = date.fromisoformat(filed) if filed else None
    except ValueError:
        raise InvalidInputError(f"{filed} is not a day such as 2023-11-03.") from None
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return asyncio.run(_import(settings, files, symbol, day))


async def _import(settings: Settings, files: Sequence[Path], symbol: str, filed: date | None) -> bool:
    console = Console(stderr=True)
    database = open_database(settings, "charts", SystemClock())
    fine = True
    try:
        await database.migrate(migrations_folder("charts"))
        time_series = open_time_series(settings)
        commands = charts.build_reports(database=database, time_series=time_series, filings=NoneFilings())
        try:
            for path in files:
                try:
                    data = await asyncio.to_thread(_read, path)
                    report = await commands.import_report(SHARED_TENANT, data, symbol=symbol, filed=filed)
                except OutcryError as error:
                    fine = False
                    _say(console, path, f"refused. {error}{_hint(error)}")
                else:
                    _tell(console, path, report)
        finally:
            await time_series.close()
    finally:
        await database.close()
    return fine


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInputError(f"It cannot be read: {error.strerror}.") from error


def _hint(error: OutcryError) -> str:
    fields = {str(one.get("field")) for one in error.errors}
    options = [f"--{name}" for name in ("symbol", "filed") if name in fields]
    return f" Say it with {' and '.join(options)}." if options else ""


def _tell(console: Console, path: Path, report: FactsImport) -> None:
    of = f"{report.symbol} ({report.entity})" if report.entity else report.symbol
    figures = f"{report.facts:,} figures of {of} from {report.filings:,} filings; {report.changed:,} new or changed"
    _say(console, path, figures)
    if report.left_out:
        _say(console, path, f"{report.left_out:,} about a part of the company, or text, were left out")
    for problem in report.problems:
        _say(console, path, problem)
    if report.refused > len(report.problems):
        _say(console, path, f"and {report.refused - len(report.problems):,} more that cannot be used")


def _say(console: Console, path: Path, text: str) -> None:
    console.print(f"[bold]{escape(str(path))}[/bold]: {escape(text)}", highlight=False, soft_wrap=True)
