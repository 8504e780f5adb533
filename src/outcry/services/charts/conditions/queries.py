"""What reads formulas: checks them, and evaluates them over recorded bars. Changes nothing."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import numpy as np

from outcry.kit.clock import Clock
from outcry.kit.market import Bars, to_micros
from outcry.kit.paging import clamp_limit
from outcry.quant.formula import limits
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.arrays import Truths, Values
from outcry.quant.formula.errors import FormulaError
from outcry.quant.formula.evaluating import History, hits, run, spans
from outcry.quant.formula.explaining import Joined, PartValue, explain
from outcry.quant.formula.program import OWN, Formula, Kind, Origin
from outcry.quant.formula.words import FormulaWord, list_words
from outcry.services.charts.conditions.contracts import (
    FormulaCheck,
    FormulaExplanation,
    FormulaNeed,
    FormulaResult,
    HitSpan,
)
from outcry.services.charts.conditions.errors import FormulaTooDearError, FormulaTooSlowError, NoSuchBarError
from outcry.services.charts.conditions.histories import Histories, Setting
from outcry.services.charts.queries import MOST_BARS, ChartsQueries
from outcry.services.charts.series import check_window, to_milliseconds

# In units of cost times bars: about a second.
MOST_WORK = 1_000_000_000
MOST_SECONDS = 5.0
# Numbers that are kept at once, of 8 bytes each.
MOST_NUMBERS = 50_000_000
# How many formulas are evaluated at a time; the others wait.
_AT_ONCE = 2

_Answer = TypeVar("_Answer")


class ConditionQueries:
    """Formulas as one organisation asks them. Reading a text and evaluating it happen off the event loop."""

    def __init__(
        self,
        queries: ChartsQueries,
        clock: Clock,
        *,
        most_work: int = MOST_WORK,
        most_numbers: int = MOST_NUMBERS,
        most_seconds: float = MOST_SECONDS,
    ) -> None:
        self._histories = Histories(queries, clock)
        self._most_work = most_work
        self._most_numbers = most_numbers
        self._most_seconds = most_seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def check(self, tenant_id: UUID, text: str) -> FormulaCheck:
        """Say what a text means, or what is wrong with it."""
        try:
            formula = await asyncio.to_thread(analyse, text)
        except FormulaError as error:
            problems = error.problems
        else:
            problems = await self._histories.missing(tenant_id, formula)
            if not problems:
                return _to_check(formula)
        return FormulaCheck(text="", kind=None, cost=0, most_cost=limits.MOST_COST, needs=(), problems=problems)

    async def evaluate(
        self, setting: Setting, text: str, *, start: datetime | None, end: datetime | None, limit: int
    ) -> FormulaResult:
        """Evaluate a formula over the newest ``limit`` bars with start <= time < end, from the first bar on.

        Raises FormulaError, InstrumentNotFoundError, TimeframeNotRecordedError, FormulaTooDearError and
        FormulaTooSlowError.
        """
        first, last = check_window(start, end)
        formula, data = await self._prepare(setting, text, last)

        def work(watch: Callable[[int, object], None]) -> FormulaResult:
            bars = data[OWN].bars
            begin = max(0, len(bars) - clamp_limit(limit, most=MOST_BARS))
            if first is not None:
                begin = max(begin, int(np.searchsorted(bars.time, to_micros(first))))
            joined = Joined(formula)

            def look(place: int, value: object) -> None:
                watch(place, value)
                joined.watch(place, value)

            result = _to_result(setting, formula, bars, run(formula, data, look), begin)
            return result if result.kind is Kind.NUMBER or result.spans else replace(result, parts=joined.count(begin))

        return await self._in_turn(work)

    async def explain(self, setting: Setting, text: str, *, at: datetime) -> FormulaExplanation:
        """Return the value of every part of a formula on the last bar that opens at ``at`` or before it.

        Raises as ``evaluate`` does, and NoSuchBarError.
        """
        formula, data = await self._prepare(setting, text, None)
        bars = data[OWN].bars
        place = int(np.searchsorted(bars.time, to_micros(at), side="right")) - 1
        if place < 0:
            raise NoSuchBarError(f"No bar of {setting.symbol} is over at or before that time.")

        def work(watch: Callable[[int, object], None]) -> tuple[PartValue, ...]:
            return explain(formula, data, place, watch)

        return FormulaExplanation(
            symbol=setting.symbol,
            timeframe=setting.timeframe,
            adjustment=setting.adjustment,
            time=to_milliseconds(bars.between(place, place + 1))[0],
            parts=await self._in_turn(work),
        )

    def list_words(self) -> tuple[FormulaWord, ...]:
        """Return every word of the language."""
        return list_words()

    async def _prepare(
        self, setting: Setting, text: str, end: datetime | None
    ) -> tuple[Formula, Mapping[Origin, History]]:
        formula = await asyncio.to_thread(analyse, text)
        _, data = await self._histories.read(setting, formula, end)
        bars = max(len(history.bars) for history in data.values())
        if formula.width * bars > self._most_numbers:
            raise FormulaTooDearError(f"It keeps {formula.width} values of each of {bars:,} bars at once.")
        if formula.cost * bars > self._most_work:
            raise FormulaTooDearError(
                f"It costs {formula.cost:,} units a bar, and {bars:,} bars are recorded: "
                f"more than {self._most_work:,} units in all."
            )
        return formula, data

    async def _in_turn(self, work: Callable[[Callable[[int, object], None]], _Answer]) -> _Answer:
        """Do something on another thread that looks between its steps whether its time is over."""
        async with self._turns:
            until = time.monotonic() + self._most_seconds

            def watch(_place: int, _value: object) -> None:
                if time.monotonic() > until:
                    raise FormulaTooSlowError(f"It was stopped after {self._most_seconds:g} seconds.")

            return await asyncio.to_thread(work, watch)


def _to_check(formula: Formula) -> FormulaCheck:
    needs = tuple(
        FormulaNeed(symbol=origin.symbol, timeframe=origin.timeframe, bars=bars)
        for origin, bars in formula.look_back.items()
    )
    return FormulaCheck(
        text=formula.text,
        kind=formula.kind,
        cost=formula.cost,
        most_cost=limits.MOST_COST,
        needs=needs,
        problems=(),
    )


def _to_result(setting: Setting, formula: Formula, bars: Bars, values: Values, begin: int) -> FormulaResult:
    """The window begins at position ``begin``."""
    opened, shown = to_milliseconds(bars), values[begin:]
    result = FormulaResult(
        symbol=setting.symbol,
        timeframe=setting.timeframe,
        adjustment=setting.adjustment,
        text=formula.text,
        kind=formula.kind,
        bars=len(shown),
        first=opened[begin] if len(shown) else None,
        last=opened[-1] if len(shown) else None,
        unknown=int(np.count_nonzero(shown == 0 if formula.kind is Kind.CONDITION else np.isnan(shown))),
    )
    return (
        _with_hits(result, values, opened, begin)
        if formula.kind is Kind.CONDITION
        else _with_values(result, shown, opened[begin:])
    )


def _with_hits(result: FormulaResult, truth: Truths, opened: tuple[int, ...], begin: int) -> FormulaResult:
    reaching = [HitSpan(start=opened[first], end=opened[last]) for first, last in spans(truth) if last >= begin]
    newest = int(truth[-1]) if result.bars else 0
    return replace(
        result,
        hits=tuple(opened[place] for place in hits(truth) if place >= begin),
        spans=tuple(reaching),
        holds=newest > 0 if newest else None,
    )


def _with_values(result: FormulaResult, shown: Values, opened: tuple[int, ...]) -> FormulaResult:
    values = tuple(None if value != value else value for value in shown.tolist())
    return replace(result, time=opened, values=values)
