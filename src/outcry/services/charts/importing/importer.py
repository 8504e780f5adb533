"""Files into the market store, one after the other, each whole or not at all."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from outcry.kit.market import from_micros
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.importing.parsing import ParsedFile, parse_file
from outcry.services.charts.importing.report import (
    FileReport,
    ImportedSeries,
    ImportOptions,
    Progress,
    Report,
    Stage,
    UnusableFileError,
)
from outcry.services.charts.importing.symbols import describe
from outcry.services.charts.listing.facts import Facts, assume
from outcry.services.charts.naming import require_symbol


async def import_files(
    commands: ChartsCommands, paths: Sequence[Path], options: ImportOptions, progress: Report
) -> tuple[FileReport, ...]:
    """Import CSV and Parquet files; return one report each, in order. A file that cannot be used does not stop others.

    Importing a file again changes nothing. ``progress`` is called on the event loop's thread, a few times a file.

    Raises:
        InvalidInputError: ``options.symbol`` is not a symbol.
        UnavailableError: an engine does not answer.
    """
    if options.symbol is not None:
        require_symbol(options.symbol)
    zones = await commands.list_zones(options.tenant_id)
    reports = []
    for number, path in enumerate(paths, start=1):
        tell = _Teller(path, number, len(paths), progress)
        reports.append(await _import_file(commands, path, options, zones, tell))
        tell.now("done", 1.0)
    return tuple(reports)


class _Teller:
    """Passes progress on, from whichever thread, to the event loop's."""

    def __init__(self, path: Path, number: int, total: int, progress: Report) -> None:
        self._path, self._number, self._total = path, number, total
        self._progress = progress
        self._loop = asyncio.get_running_loop()

    def now(self, stage: Stage, fraction: float) -> None:
        """Tell, on the loop's thread."""
        self._progress(
            Progress(path=self._path, number=self._number, total=self._total, stage=stage, fraction=fraction)
        )

    def from_thread(self, stage: Stage, fraction: float) -> None:
        """Tell, from another thread."""
        self._loop.call_soon_threadsafe(self.now, stage, fraction)


async def _import_file(
    commands: ChartsCommands, path: Path, options: ImportOptions, zones: dict[str, str], tell: _Teller
) -> FileReport:
    try:
        parsed = await asyncio.to_thread(parse_file, path, options, zones.get, tell.from_thread)
    except UnusableFileError as error:
        return FileReport(
            path=path,
            status="refused",
            problem=error.detail,
            rows=error.rows,
            bad_rows=error.bad_rows,
            bad_row_count=error.bad_row_count,
            row_word=error.row_word,
        )
    tell.now("writing", 0.7)
    new = _assume(parsed, zones)
    instruments = [describe(symbol, facts) for symbol, facts in new.items()]
    changed = await commands.import_bars(options.tenant_id, instruments, parsed.batches)
    zones.update(parsed.zones)
    return _report(path, parsed, changed, tuple(facts.sentence(symbol) for symbol, facts in new.items()))


def _assume(parsed: ParsedFile, zones: dict[str, str]) -> dict[str, Facts]:
    """Return what is assumed of each instrument that is new."""
    prices = {batch.symbol: batch.bars.close for batch in parsed.batches}
    return {
        symbol: assume(symbol, zone=zone, prices=prices.get(symbol))
        for symbol, zone in parsed.zones.items()
        if symbol not in zones
    }


def _report(path: Path, parsed: ParsedFile, changed: int, assumed: tuple[str, ...]) -> FileReport:
    return FileReport(
        path=path,
        status="imported",
        rows=parsed.rows,
        changed=changed,
        series=tuple(
            ImportedSeries(
                symbol=batch.symbol,
                timeframe=batch.timeframe,
                first=from_micros(int(batch.bars.time[0])),
                last=from_micros(int(batch.bars.time[-1])),
                count=len(batch.bars),
            )
            for batch in parsed.batches
        ),
        bad_rows=parsed.bad_rows,
        bad_row_count=parsed.bad_row_count,
        row_word=parsed.row_word,
        ignored_columns=parsed.ignored_columns,
        notes=(*parsed.notes, *assumed),
    )
