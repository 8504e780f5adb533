"""Splits and dividends out of a table's columns."""

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from outcry.kit.market import from_micros
from outcry.services.charts.adjusting.factors import Action, ActionKind
from outcry.services.charts.importing.calendars import DAY
from outcry.services.charts.importing.checks import Findings, quoted
from outcry.services.charts.importing.columns import Roles
from outcry.services.charts.importing.dates import Moments
from outcry.services.charts.importing.numbers import Mask, to_numbers
from outcry.services.charts.importing.reading import Table

_RATIO = re.compile(r"(?P<new>\d+(\.\d+)?)\s*(:|/|-|\s)\s*(for\b\s*-?\s*)?(?P<old>\d+(\.\d+)?)", re.IGNORECASE)
_MOST_RATIO = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolAction:
    """A split or dividend of a symbol."""

    symbol: str
    action: Action


@dataclass(slots=True)
class ActionReader:
    """Reads the splits and dividends of a table; faults go to ``findings``.

    ``codes`` says of each row which of ``symbols`` it is of. A table with prices has mostly rows without
    any of both; in one without prices a row that says neither is a fault.
    """

    table: Table
    roles: Roles
    moments: Moments
    symbols: list[str]
    codes: NDArray[np.int64]
    findings: Findings

    def read(self) -> tuple[tuple[SymbolAction, ...], list[str]]:
        """Return the actions in the order of the file, and notes. Dividends of one date are added up."""
        found: dict[tuple[int, date, ActionKind], float] = {}
        added = False
        for kind, row, value in sorted(self._values(), key=lambda one: one[1]):
            key = (int(self.codes[row]), self._date(row), kind)
            if kind == "split" and key in found:
                self._note(row, "has a second split of the same date")
                continue
            added = added or key in found
            found[key] = found.get(key, 0.0) + value
        notes = ["dividends of the same date were added up"] if added else []
        return tuple(
            SymbolAction(
                symbol=self.symbols[code],
                action=Action(date=day, kind=kind, ratio=value)
                if kind == "split"
                else Action(date=day, kind=kind, amount=value),
            )
            for (code, day, kind), value in found.items()
        ), notes

    def _values(self) -> list[tuple[ActionKind, int, float]]:
        if "action" in self.roles.actions and not self.roles.has_prices:
            return self._named()
        dividends, no_dividend = self._dividends("dividend")
        splits, no_split = self._splits("split")
        if not self.roles.has_prices:
            self.findings.add(no_dividend & no_split, "says neither a split nor a dividend")
        return [*dividends, *splits]

    def _named(self) -> list[tuple[ActionKind, int, float]]:
        """Read rows of which one column says what the other is."""
        column = self.table.columns[self.roles.actions["action"]].cast(pa.string())
        kinds = [_kind(str(value or "")) for value in column.to_pylist()]
        self.findings.add(
            np.array([kind is None for kind in kinds], dtype=np.bool_),
            lambda row: f"{quoted(column, row)} is neither a split nor a dividend",
        )
        values: list[tuple[ActionKind, int, float]] = []
        for kind, read in (("split", self._splits), ("dividend", self._dividends)):
            chosen = np.array([one == kind for one in kinds], dtype=np.bool_)
            found, missing = read("value", chosen)
            self.findings.add(missing & chosen, f"the {kind} is missing")
            values += found
        return values

    def _dividends(self, role: str, chosen: Mask | None = None) -> tuple[list[tuple[ActionKind, int, float]], Mask]:
        if role not in self.roles.actions:
            return [], np.ones(len(self.codes), dtype=np.bool_)
        column = self.table.columns[self.roles.actions[role]]
        numbers = to_numbers(column, "dividend", delimiter=self.table.delimiter)
        wanted = self.findings.good if chosen is None else self.findings.good & chosen
        wrong = numbers.unreadable | np.isinf(numbers.values) | (numbers.values < 0)
        self.findings.add(wrong & wanted, lambda row: f"the dividend {quoted(column, row)} is no amount")
        rows = np.flatnonzero(wanted & ~wrong & (numbers.values > 0))
        nothing = numbers.missing | (numbers.values == 0)
        return [("dividend", int(row), float(numbers.values[row])) for row in rows], nothing

    def _splits(self, role: str, chosen: Mask | None = None) -> tuple[list[tuple[ActionKind, int, float]], Mask]:
        if role not in self.roles.actions:
            return [], np.ones(len(self.codes), dtype=np.bool_)
        column = self.table.columns[self.roles.actions[role]]
        text = pc.fill_null(column.cast(pa.string()), "").combine_chunks().dictionary_encode()
        ratios = [_ratio(str(value)) for value in text.dictionary.to_pylist()]
        values = np.array([np.nan if one is None else one for one in ratios] or [0.0])[text.indices.to_numpy()]
        wanted = self.findings.good if chosen is None else self.findings.good & chosen
        self.findings.add(np.isnan(values) & wanted, lambda row: f"the split {quoted(column, row)} is no ratio")
        rows = np.flatnonzero(wanted & (values > 0) & (values != 1))
        return [("split", int(row), float(values[row])) for row in rows], (values == 0) | (values == 1)

    def _date(self, row: int) -> date:
        return from_micros(int(self.moments.local[row]) // DAY * DAY).date()

    def _note(self, row: int, reason: str) -> None:
        where = np.zeros(len(self.codes), dtype=np.bool_)
        where[row] = True
        self.findings.add(where, reason)


def _kind(text: str) -> ActionKind | None:
    lowered = text.lower()
    if "split" in lowered:
        return "split"
    return "dividend" if "div" in lowered or lowered.strip() == "cash" else None


def _ratio(text: str) -> float | None:
    """Return a ratio as people write it, ``7:1``, ``7/1``, ``7-for-1`` or ``7.0``; 0 for none, None for no ratio."""
    text = text.strip()
    if text.lower() in ("", "null", "nan", "none", "-"):
        return 0.0
    match = _RATIO.fullmatch(text)
    try:
        ratio = float(match["new"]) / float(match["old"]) if match else float(text)
    except (ValueError, ZeroDivisionError):
        return None
    if ratio == 0:
        return 0.0
    return ratio if 1 / _MOST_RATIO <= ratio <= _MOST_RATIO else None
