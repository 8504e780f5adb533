"""The command ``outcry import``: shows progress, then what became of each file."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from outcry.engines import migrations_folder, open_database, open_time_series
from outcry.kit.clock import SystemClock
from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Timeframe
from outcry.services.charts import module as charts
from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import FileReport, ImportOptions, Report
from outcry.services.charts.importing.report import Progress as ImportProgress
from outcry.services.charts.settings import ChartsSettings
from outcry.settings import Settings


def import_with_progress(
    settings: Settings,
    files: Sequence[Path],
    *,
    symbol: str | None,
    timeframe: str | None,
    zone: str | None,
    date_format: str | None,
    skip_bad_rows: bool,
) -> bool:
    """Import files and print a report of each; True when every file was taken."""
    options = ImportOptions(
        symbol=symbol,
        timeframe=_timeframe(timeframe),
        zone=zone,
        date_format=date_format,
        skip_bad_rows=skip_bad_rows,
    )
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[stage]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, stage="")

        def show(progress: ImportProgress) -> None:
            bar.update(
                task,
                description=f"{progress.number}/{progress.total} {escape(progress.path.name)}",
                completed=progress.fraction,
                stage=progress.stage,
            )

        reports = asyncio.run(_import(settings, files, options, show))
    for report in reports:
        _print_report(console, report)
    return all(report.status == "imported" for report in reports)


def _timeframe(text: str | None) -> Timeframe | None:
    try:
        return None if text is None else Timeframe(text)
    except ValueError:
        valid = " ".join(Timeframe)
        raise InvalidInputError(f"{text} is not a timeframe; these are: {valid}") from None


async def _import(
    settings: Settings, files: Sequence[Path], options: ImportOptions, show: Report
) -> tuple[FileReport, ...]:
    clock = SystemClock()
    database = open_database(settings, "charts", clock)
    try:
        await database.migrate(migrations_folder("charts"))
        time_series = open_time_series(settings)
        try:
            commands = charts.build_market(
                database=database, time_series=time_series, clock=clock, settings=ChartsSettings()
            )
            return await import_files(commands, files, options, show)
        finally:
            await time_series.close()
    finally:
        await database.close()


def _print_report(console: Console, report: FileReport) -> None:
    say = console.print
    name = escape(str(report.path))
    if report.status == "refused":
        say(f"[bold]{name}[/bold]: refused. {escape(report.problem)}", highlight=False, soft_wrap=True)
    for series in report.series:
        span = f"{series.first:%Y-%m-%d %H:%M} to {series.last:%Y-%m-%d %H:%M} UTC"
        bars = f"{series.count:,} bars of {escape(series.symbol)} at {series.timeframe}"
        say(f"[bold]{name}[/bold]: {bars}, {span}; {report.changed:,} new or changed", highlight=False, soft_wrap=True)
    if report.actions:
        say(f"[bold]{name}[/bold]: {report.actions:,} splits and dividends", highlight=False, soft_wrap=True)
    for note in report.notes:
        say(f"  {escape(note)}", highlight=False, soft_wrap=True)
    if report.ignored_columns:
        say(
            f"  columns that were not needed: {escape(', '.join(report.ignored_columns))}",
            highlight=False,
            soft_wrap=True,
        )
    for row in report.bad_rows:
        say(f"  {report.row_word} {row.line:,}: {escape(row.reason)}", highlight=False, soft_wrap=True)
    rest = report.bad_row_count - len(report.bad_rows)
    if rest > 0:
        say(f"  and {rest:,} more bad rows", highlight=False, soft_wrap=True)
