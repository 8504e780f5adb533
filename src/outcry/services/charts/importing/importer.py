"""Files into the market store, one after the other, each whole or not at all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from outcry.kit.market import from_micros
from outcry.kit.text import clean_line, shorten
from outcry.services.charts.adjusting.commands import RecordedAction
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.contracts import SHARED_TENANT, Instrument
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
from outcry.services.charts.listing.facts import assume
from outcry.services.charts.naming import require_symbol


async def import_files(
    commands: ChartsCommands, paths: Sequence[Path], options: ImportOptions, progress: Report
) -> tuple[FileReport, ...]:
    """Import CSV, JSON lines and Parquet files; return one report each, in order.

    A file that cannot be used does not stop others. Importing a file again changes nothing, nor does a dry run: its
    ``changed`` is what would be new or different. ``progress`` is called on the loop's thread, a few times a file.

    Raises:
        InvalidInputError: ``options.symbol`` is not a symbol.
        UnavailableError: an engine does not answer.
    """
    if options.symbol is not None:
        require_symbol(options.symbol)
    known = await _Known.read(commands, options.tenant_id)
    reports = []
    for number, path in enumerate(paths, start=1):
        tell = _Teller(path, number, len(paths), progress)
        reports.append(await _import_file(commands, path, options, known, tell))
        tell.now("done", 1.0)
    return tuple(reports)


@dataclass(slots=True)
class _Known:
    """The zones of the organisation's own instruments, and of those that everybody has."""

    own: dict[str, str]
    shared: dict[str, str]

    @classmethod
    async def read(cls, commands: ChartsCommands, tenant_id: UUID) -> "_Known":
        own = await commands.list_zones(tenant_id)
        return cls(own, {} if tenant_id == SHARED_TENANT else await commands.list_zones(SHARED_TENANT))

    def zone(self, symbol: str) -> str | None:
        return self.own.get(symbol) or self.shared.get(symbol)


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
    commands: ChartsCommands, path: Path, options: ImportOptions, known: _Known, tell: _Teller
) -> FileReport:
    try:
        parsed = await asyncio.to_thread(parse_file, path, options, known.zone, tell.from_thread)
        _check_actions(parsed, known)
    except UnusableFileError as error:
        return _refusal(path, error)
    tell.now("writing", 0.7)
    instruments, assumed = await _describe_new(commands, parsed, known, shared=options.tenant_id == SHARED_TENANT)
    if options.dry_run:
        would = await commands.preview(options.tenant_id, parsed.batches)
        return replace(_report(path, parsed, would, assumed), status="checked")
    actions = [
        RecordedAction(symbol=one.symbol, action=one.action, source=shorten(clean_line(path.name), 200))
        for one in parsed.actions
    ]
    changed = await commands.import_bars(
        options.tenant_id, instruments, parsed.batches, actions=actions, actor_id=options.actor_id
    )
    known.own.update(parsed.zones)
    return _report(path, parsed, changed, assumed)


def _refusal(path: Path, error: UnusableFileError) -> FileReport:
    return FileReport(
        path=path,
        status="refused",
        problem=error.detail,
        field=error.field,
        rows=error.rows,
        bad_rows=error.bad_rows,
        bad_row_count=error.bad_row_count,
        row_word=error.row_word,
    )


def _check_actions(parsed: ParsedFile, known: _Known) -> None:
    """Raise UnusableFileError for splits and dividends of what is no instrument: they would never be seen."""
    symbols = {one.symbol for one in parsed.actions} - parsed.zones.keys()
    unknown = sorted(symbol for symbol in symbols if known.zone(symbol) is None)
    if unknown:
        raise UnusableFileError(
            f"Its splits or dividends are of {', '.join(unknown[:5])}, of which no bars are here; import those first."
        )


async def _describe_new(
    commands: ChartsCommands, parsed: ParsedFile, known: _Known, *, shared: bool
) -> tuple[list[Instrument], tuple[str, ...]]:
    """Return the instruments that are new to the organisation: as everybody has them, else as they are assumed."""
    new = {symbol: zone for symbol, zone in parsed.zones.items() if symbol not in known.own}
    everybodys = await commands.find_shared(symbol for symbol in new if symbol in known.shared)
    prices = {batch.symbol: batch.bars.close for batch in parsed.batches}
    instruments, notes = [], []
    for symbol, zone in new.items():
        if symbol in everybodys:
            instruments.append(replace(everybodys[symbol], zone=zone))
            continue
        facts = assume(symbol, zone=zone, prices=prices.get(symbol))
        instruments.append(describe(symbol, facts))
        notes.append(facts.sentence(symbol, shared=shared))
    return instruments, tuple(notes)


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
        actions=len(parsed.actions),
        bad_rows=parsed.bad_rows,
        bad_row_count=parsed.bad_row_count,
        row_word=parsed.row_word,
        ignored_columns=parsed.ignored_columns,
        notes=(*parsed.notes, *assumed),
    )
