"""The command ``outcry import``: shows progress, then what became of each file."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
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
from outcry.services.charts.importing.report import (
    MOST_BAD_ROWS,
    SHOWN_BAD_ROWS,
    FileReport,
    ImportOptions,
    Report,
)
from outcry.services.charts.importing.report import Progress as ImportProgress
from outcry.services.charts.settings import ChartsSettings
from outcry.settings import Settings

_ENDINGS = (".csv", ".txt", ".tsv", ".parquet", ".jsonl", ".ndjson", ".json")


def import_with_progress(
    settings: Settings,
    files: Sequence[Path],
    *,
    symbol: str | None,
    timeframe: str | None,
    zone: str | None,
    date_format: str | None,
    skip_bad_rows: bool,
    dry_run: bool = False,
    report_file: Path | None = None,
) -> bool:
    """Import files, and those in folders, and print a report of each; True when every file was taken.

    ``report_file`` gets the whole of it as JSON, every refused row included.
    """
    files = _expand(files)
    options = ImportOptions(
        symbol=symbol,
        timeframe=_timeframe(timeframe),
        zone=zone,
        date_format=date_format,
        skip_bad_rows=skip_bad_rows,
        ask_zone=True,
        dry_run=dry_run,
        shown_bad_rows=SHOWN_BAD_ROWS if report_file is None else MOST_BAD_ROWS,
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
    if report_file is not None:
        report_file.write_text(json.dumps([asdict(one) for one in reports], default=str, indent=1), encoding="utf-8")
    for report in reports:
        _print_report(console, report)
    if dry_run:
        console.print("This was a dry run: nothing was changed.", highlight=False)
    return all(report.status != "refused" for report in reports)


def _expand(paths: Sequence[Path]) -> list[Path]:
    """Return files as they are, and in place of a folder all files in it that may hold bars."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.suffix.lower() in _ENDINGS and one.is_file())
            if not found:
                raise InvalidInputError(f"{path} has no file that ends in {' '.join(_ENDINGS)}.")
            files += found
        else:
            files.append(path)
    return files


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
        would = "would be " if report.status == "checked" else ""
        say(
            f"[bold]{name}[/bold]: {bars}, {span}; {report.changed:,} {would}new or changed",
            highlight=False,
            soft_wrap=True,
        )
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
    shown = report.bad_rows[:SHOWN_BAD_ROWS]
    for row in shown:
        say(f"  {report.row_word} {row.line:,}: {escape(row.reason)}", highlight=False, soft_wrap=True)
    rest = report.bad_row_count - len(shown)
    if rest > 0:
        say(f"  and {rest:,} more bad rows; --report FILE writes all of them", highlight=False, soft_wrap=True)
