"""One file into bars, or into the sentence that says why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from outcry.kit.market import Bars, Floats, Micros
from outcry.ports.time_series import Batch
from outcry.services.charts.importing import checks
from outcry.services.charts.importing.actions import ActionReader, SymbolAction
from outcry.services.charts.importing.calendars import DAY, to_local, to_utc
from outcry.services.charts.importing.columns import PRICES, Roles, find_roles
from outcry.services.charts.importing.dates import Moments, to_moments
from outcry.services.charts.importing.numbers import Mask, to_mask, to_numbers
from outcry.services.charts.importing.reading import Table, read_table
from outcry.services.charts.importing.report import BadRow, ImportOptions, Stage, UnusableFileError
from outcry.services.charts.importing.spacing import find_timeframe
from outcry.services.charts.importing.symbols import symbol_of_path
from outcry.services.charts.listing.facts import assume
from outcry.services.charts.naming import require_symbol, to_symbol

# Gives the time zone of an instrument that is known already.
KnownZone = Callable[[str], str | None]
Tell = Callable[[Stage, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """A file's good bars, what was wrong with the others, and what was assumed."""

    rows: int
    batches: tuple[Batch, ...]
    actions: tuple[SymbolAction, ...]
    zones: dict[str, str]
    bad_rows: tuple[BadRow, ...]
    bad_row_count: int
    row_word: str
    ignored_columns: tuple[str, ...]
    notes: tuple[str, ...]


def parse_file(path: Path, options: ImportOptions, known_zone: KnownZone, tell: Tell) -> ParsedFile:
    """Read a file; raises UnusableFileError, with its bad rows unless they are to be skipped.

    Takes no event loop: run it in a thread. ``tell`` hears of the stage and the part of the file that is done.
    """
    tell("reading", 0.0)
    table = read_table(path, options.limits)
    tell("checking", 0.4)
    return _Parser(path, table, find_roles(table.names), options, known_zone).parse()


class _Parser:
    """The steps from columns to bars. Each notes the faults that it finds."""

    def __init__(self, path: Path, table: Table, roles: Roles, options: ImportOptions, known_zone: KnownZone) -> None:
        self._path, self._table, self._roles = path, table, roles
        self._options, self._known_zone = options, known_zone
        self._count = len(table.columns[0])
        self._findings = checks.Findings(self._count)
        self._notes: list[str] = list(table.notes)
        self._columns: dict[str, Floats] = {}
        self._zones: dict[str, str] = {}

    def parse(self) -> ParsedFile:
        """Go through all steps."""
        symbols, codes = self._symbols()
        moments = self._times()
        blank = self._blank(moments)
        good = self._batches(symbols, codes, moments) if self._roles.has_prices else ()
        actions = self._actions(symbols, codes, moments) if self._roles.actions else ()
        bad, count = self._bad_rows(blank)
        present = self._count - int(blank.sum()) + len(self._table.ragged)
        self._refuse((*good, *actions), bad, count, present)
        return ParsedFile(
            rows=present,
            batches=good,
            actions=actions,
            zones=self._zones,
            bad_rows=bad,
            bad_row_count=count,
            row_word=self._table.lines.word,
            ignored_columns=self._roles.ignored,
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def _batches(self, symbols: list[str], codes: NDArray[np.int64], moments: Moments) -> tuple[Batch, ...]:
        self._numbers()
        good = np.flatnonzero(self._findings.good)
        # Sorted once: looking for each symbol's rows by itself would read the whole file for each of thousands.
        rows = good[np.argsort(codes[good], kind="stable")]
        ends = np.searchsorted(codes[rows], np.arange(len(symbols) + 1))
        batches = [
            self._batch(symbol, rows[ends[code] : ends[code + 1]], moments)
            for code, symbol in enumerate(symbols)
            if ends[code] < ends[code + 1]
        ]
        if "volume" not in self._roles.positions:
            self._notes.append("there is no volume column, so volumes are 0")
        return tuple(batch for batch in batches if len(batch.bars))

    def _actions(self, symbols: list[str], codes: NDArray[np.int64], moments: Moments) -> tuple[SymbolAction, ...]:
        reader = ActionReader(self._table, self._roles, moments, symbols, codes, self._findings)
        actions, notes = reader.read()
        self._notes += notes
        return actions

    def _refuse(self, good: Sequence[object], bad: tuple[BadRow, ...], count: int, rows: int) -> None:
        if count and not (good and self._options.skip_bad_rows):
            which = "none of its rows" if not good else f"{count:,} of its {rows:,} rows"
            verb = "can" if not good else "cannot"
            advice = "" if not good else " Nothing was imported; --skip-bad-rows imports the others."
            raise UnusableFileError(
                f"{which.capitalize()} {verb} be used.{advice}",
                bad_rows=bad,
                bad_row_count=count,
                rows=rows,
                row_word=self._table.lines.word,
                field="skip_bad_rows" if good else "",
            )
        if not good:
            raise UnusableFileError("It has a header line and no rows.")

    def _column(self, role: str) -> pa.ChunkedArray:
        return self._table.columns[self._roles.positions[role]]

    def _symbols(self) -> tuple[list[str], NDArray[np.int64]]:
        """Return the file's symbols, and for each row which of them it is of."""
        given = self._options.symbol
        everywhere = np.zeros(self._count, dtype=np.int64)
        if "symbol" not in self._roles.positions:
            return [require_symbol(given) if given else symbol_of_path(self._path)], everywhere
        encoded = pc.fill_null(self._column("symbol").cast(pa.string()), "").combine_chunks().dictionary_encode()
        values = [str(value) for value in encoded.dictionary.to_pylist()]
        if given:
            if len({value.strip() for value in values}) > 1:
                raise UnusableFileError(
                    f"It holds {len(values)} symbols; leave --symbol out to import each as its own."
                )
            return [require_symbol(given)], everywhere
        codes = np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
        symbols: list[str] = []
        places = np.full(len(values), -1, dtype=np.int64)
        for place, value in enumerate(values):
            symbol = to_symbol(value)
            if symbol is not None:
                if symbol not in symbols:
                    symbols.append(symbol)
                places[place] = symbols.index(symbol)
        rows = places[codes] if len(values) else everywhere
        column = self._column("symbol")
        self._findings.add(rows < 0, lambda row: f"the symbol {checks.quoted(column, row)} is not one")
        return symbols, rows

    def _times(self) -> Moments:
        positions = self._roles.times
        column = self._table.columns[positions[0]]
        name = self._table.names[positions[0]]
        if len(positions) == 2:
            other = self._table.columns[positions[1]]
            column = pc.binary_join_element_wise(
                pc.utf8_trim_whitespace(column.cast(pa.string())), pc.utf8_trim_whitespace(other.cast(pa.string())), " "
            )
        moments = to_moments(column, name, self._options.date_format)
        if moments.note:
            self._notes.append(moments.note)
        self._time_text = column
        return moments

    def _blank(self, moments: Moments) -> Mask:
        """Say which rows are empty lines: they are no rows, and no faults. Then note the rows without a date."""
        blank = moments.missing.copy()
        for position in self._roles.positions.values():
            if blank.any():
                column = self._table.columns[position]
                if not pa.types.is_string(column.type):
                    blank &= to_mask(pc.is_null(column))
                else:
                    blank &= to_mask(pc.equal(pc.fill_null(column, ""), ""))
        self._findings.add(blank, "")
        checks.check_times(self._findings, moments, self._time_text)
        return blank

    def _numbers(self) -> None:
        for name in PRICES:
            numbers = to_numbers(self._column(name), name, delimiter=self._table.delimiter)
            checks.check_numbers(self._findings, name, numbers, self._column(name))
            self._columns[name] = numbers.values
        checks.check_prices(self._findings, self._columns)
        self._columns["volume"] = self._volume()
        self._columns["adjusted_close"] = self._adjusted()

    def _volume(self) -> Floats:
        if "volume" not in self._roles.positions:
            return np.zeros(self._count)
        numbers = to_numbers(self._column("volume"), "volume", delimiter=self._table.delimiter)
        if numbers.missing.all():
            self._notes.append("the volume column is empty, so volumes are 0")
            return np.zeros(self._count)
        checks.check_numbers(self._findings, "volume", numbers, self._column("volume"))
        checks.check_volume(self._findings, numbers.values)
        return numbers.values

    def _adjusted(self) -> Floats:
        if "adjusted_close" not in self._roles.positions:
            return np.full(self._count, np.nan)
        column = self._column("adjusted_close")
        numbers = to_numbers(column, "adjusted close", delimiter=self._table.delimiter)
        checks.check_readable(self._findings, "adjusted close", numbers, column)
        checks.check_adjusted(self._findings, numbers.values)
        return numbers.values

    def _zone(self, symbol: str) -> str:
        zone = self._options.zone or self._known_zone(symbol) or assume(symbol).zone
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnusableFileError(
                "--timezone must be an IANA name such as America/New_York or UTC.", field="zone"
            ) from error
        self._zones[symbol] = zone
        return zone

    def _ask_zone(self, symbol: str) -> None:
        """Raise UnusableFileError where nothing says in which zone times are, and guessing is not wanted."""
        options = self._options
        if options.ask_zone and not options.zone and not self._known_zone(symbol) and assume(symbol).zone != "UTC":
            raise UnusableFileError(
                f"The times of {symbol} name no time zone. Say which it is with --timezone, such as America/New_York.",
                field="zone",
            )

    def _batch(self, symbol: str, rows: NDArray[np.int64], moments: Moments) -> Batch:
        """Make one symbol's bars of these good rows; rows that turn out bad are noted and left out."""
        zone = self._zone(symbol)
        local, clock = moments.local[rows], moments.clock[rows] & (moments.local[rows] % DAY != 0)
        mostly_clock = int(clock.sum()) * 2 > len(rows)
        known = moments.offset_known[rows]
        if mostly_clock or known.any():
            utc = np.where(known, local - moments.offset[rows], 0)
            naive = np.flatnonzero(~known)
            if len(naive):
                self._ask_zone(symbol)
                utc[naive] = to_utc(local[naive], zone)
                self._notes.append(f"times that name no zone were read as {zone}; --timezone changes that")
        else:
            utc = local
        timeframe = find_timeframe(utc if mostly_clock else local[~clock], self._options.timeframe)
        if timeframe.is_intraday:
            times, keep = utc, np.ones(len(rows), dtype=np.bool_)
            if moments.clock[rows].any():
                keep = moments.clock[rows]
                self._note_rows(rows[~keep], "has a date without a time of day among times")
        else:
            times = self._dates(local, utc, moments, rows, zone)
            keep = np.ones(len(rows), dtype=np.bool_) if mostly_clock else ~clock
            self._note_rows(rows[~keep], "has a time of day among dates")
        return Batch(symbol=symbol, timeframe=timeframe, bars=self._bars(rows[keep], times[keep]))

    def _dates(self, local: Micros, utc: Micros, moments: Moments, rows: NDArray[np.int64], zone: str) -> Micros:
        """Return midnight of each date: the date as it is written, or of seconds since 1970, the date in the zone."""
        counted = moments.offset_known[rows].all() and not moments.offset[rows].any() and (utc % DAY != 0).any()
        return (to_local(utc, zone) if counted else local) // DAY * DAY

    def _note_rows(self, rows: NDArray[np.int64], reason: str | checks.Reason) -> None:
        if not len(rows):
            return
        where = np.zeros(self._count, dtype=np.bool_)
        where[rows] = True
        self._findings.add(where, reason)

    def _bars(self, rows: NDArray[np.int64], times: Micros) -> Bars:
        order = np.argsort(times, kind="stable") if len(times) > 1 and (np.diff(times) <= 0).any() else None
        if order is not None:
            rows, times = rows[order], times[order]
            again = np.flatnonzero(np.diff(times) == 0) + 1
            if len(again):
                first = dict(
                    zip(rows[again].tolist(), rows[np.searchsorted(times, times[again])].tolist(), strict=True)
                )
                lines = self._table.lines
                self._note_rows(rows[again], lambda row: f"has the same time as {lines.word} {lines.of(first[row])}")
                rows, times = np.delete(rows, again), np.delete(times, again)
        whole = order is None and len(rows) == self._count
        taken = {name: values if whole else values[rows] for name, values in self._columns.items()}
        return Bars(
            time=times,
            open=taken["open"],
            high=np.maximum.reduce([taken["high"], taken["open"], taken["close"]]),
            low=np.minimum.reduce([taken["low"], taken["open"], taken["close"]]),
            close=taken["close"],
            volume=taken["volume"],
            adjusted_close=taken["adjusted_close"],
        )

    def _bad_rows(self, blank: Mask) -> tuple[tuple[BadRow, ...], int]:
        bad = self._findings.bad_rows
        bad = bad[~blank[bad]]
        lines, most = self._table.lines, self._options.shown_bad_rows
        shown = [BadRow(line=lines.of(int(row)), reason=self._findings.reason(int(row))) for row in bad[:most]]
        together = sorted([*shown, *self._table.ragged], key=lambda one: one.line)
        return tuple(together[:most]), len(bad) + len(self._table.ragged)
