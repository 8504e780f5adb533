"""What each construct means, on a few bars that can be checked by hand; by both evaluators."""

import numpy as np
import pytest

from outcry.kit.market import Bars, Timeframe
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.evaluating import History, evaluate, hits, spans
from outcry.quant.formula.evaluator import Bar, Evaluator
from outcry.quant.formula.program import OWN, Kind, Origin

N = float("nan")
Row = list[float | bool | None]


def bars_of(close: list[float], volume: list[float] | None = None, spacing: int = 1) -> Bars:
    values = np.array(close, dtype=np.float64)
    return Bars(
        time=np.arange(len(close), dtype=np.int64) * spacing,
        open=values - 1,
        high=values + 2,
        low=values - 3,
        close=values,
        volume=np.array(volume or [10.0] * len(close)),
        adjusted_close=values,
    )


def shown(value: float, kind: Kind) -> float | bool | None:
    if kind is Kind.CONDITION:
        return {1: True, -1: False, 0: None}[int(value)]
    return None if np.isnan(value) else round(float(value), 9)


def values(text: str, close: list[float], volume: list[float] | None = None) -> Row:
    """What the formula gives on bars with these closes, which both evaluators must agree on."""
    formula, bars = analyse(text), bars_of(close, volume)
    batch = [shown(value, formula.kind) for value in evaluate(formula, {OWN: History(bars=bars)})]
    evaluator = Evaluator(formula)
    columns = zip(bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True)
    assert [shown(evaluator.push(Bar(*map(float, row))), formula.kind) for row in columns] == batch
    return batch


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("close", [1, 3, 2, 2]),
        ("hl2", [0.5, 2.5, 1.5, 1.5]),
        ("ohlc4", [0.5, 2.5, 1.5, 1.5]),
        ("-close + 2 * 3", [5, 3, 4, 4]),
        ("-close ^ 2", [-1, -9, -4, -4]),
        ("2 ^ 3 ^ 2", [512] * 4),
        ("10 - 3 - 2", [5] * 4),
        ("1 / (close - 2)", [-1, 1, None, None]),
        ("sqrt(2 - close)", [1, None, 0, 0]),
        ("log(close - 1)", [None, round(np.log(2), 9), 0, 0]),
        ("exp(close * 400)", [round(np.exp(400), 9), None, None, None]),
        ("round(close + 0.5)", [2, 4, 2, 2]),
        ("floor(-close / 2)", [-1, -2, -1, -1]),
        ("ceil(close / 2)", [1, 2, 1, 1]),
        ("sign(close - 2)", [-1, 1, 0, 0]),
        ("abs(close - 2)", [1, 1, 0, 0]),
        ("min(close, 2)", [1, 2, 2, 2]),
        ("max(close, 2, 2.5)", [2.5, 3, 2.5, 2.5]),
        ("close[1]", [None, 1, 3, 2]),
        ("close[0]", [1, 3, 2, 2]),
        ("change(close)", [None, 2, -1, 0]),
        ("change(close, 2)", [None, None, 1, -1]),
        ("percent_change(close)", [None, 200, round(-100 / 3, 9), 0]),
        ("highest(close, 2)", [None, 3, 3, 2]),
        ("lowest(close, 3)", [None, None, 1, 2]),
        ("close > 2", [False, True, False, False]),
        ("close >= 2", [False, True, True, True]),
        ("close == 2", [False, False, True, True]),
        ("close != 2", [True, True, False, False]),
        ("1.5 < close < 2.5", [False, False, True, True]),
        ("close > close[1]", [None, True, False, False]),
        ("not close > close[1]", [None, False, True, True]),
        ("close > 2 and close > close[1]", [False, True, False, False]),
        ("close < 2 and close > close[1]", [None, False, False, False]),
        ("close < 2 or close > close[1]", [True, True, False, False]),
        ("close == 3 or close > close[1]", [None, True, False, False]),
        ("close crosses_above 2", [False, True, False, False]),
        ("close crosses_below 2.5", [None, False, True, False]),
        ("rising(close, 1)", [None, True, False, False]),
        ("falling(close, 2)", [None, False, False, False]),
        ("within(close == 3, 2)", [None, True, True, False]),
        ("always(close >= 2, 2)", [False, False, True, True]),
        ("count(close >= 2, 2)", [None, 1, 2, 2]),
        ("since(close == 3)", [None, 0, 1, 2]),
        ("then(close == 3, close == 2, 1)", [False, False, True, False]),
        ("then(close == 3, close == 2, 2)", [False, False, True, True]),
        ("then(close == 1, close == 1, 2)", [None, False, False, False]),
        ("if(close > 2, close, 0)", [0, 3, 0, 0]),
        ("if(close > close[1], 1, 0)", [None, 1, 0, 0]),
        ("if(close > 2, open > 1, close == 1)", [True, True, False, False]),
        ("1 < 2", [True] * 4),
        ("highest(5, 2)", [None, 5, 5, 5]),
        ("sma(2)", [None, 2, 2.5, 2]),
        ("sma(volume, 2)", [None, 10, 10, 10]),
    ],
)
def test_the_values_of_each_construct(text: str, expected: Row) -> None:
    assert values(text, [1, 3, 2, 2]) == expected


def test_a_window_with_an_unknown_number_is_unknown() -> None:
    volume = [1.0, 2, N, 4, 5, 3]
    closes = [1.0] * 6
    assert values("highest(volume, 2)", closes, volume) == [None, 2, None, None, 5, 5]
    assert values("within(volume > 1.5, 2)", closes, volume) == [None, True, True, True, True, True]
    assert values("always(volume > 1.5, 2)", closes, volume) == [False, False, None, None, True, True]
    assert values("count(volume > 1.5, 2)", closes, volume) == [None, 1, None, None, 2, 2]
    assert values("since(volume == 2)", closes, volume) == [None, 0, None, None, None, None]
    assert values("not (volume > 3)", closes, volume) == [True, True, None, False, False, True]


def test_what_is_infinite_is_unknown() -> None:
    assert values("volume * 2", [1.0, 1, 1], [1.0, float("inf"), 2]) == [2, None, 4]
    assert values("volume * 1e300", [1.0, 1], [1.0, 1e10]) == [1e300, None]


WEEK = Origin(timeframe=Timeframe.W1)
MSFT = Origin(symbol="MSFT")


def test_another_timeframe_gives_its_last_bar_that_was_over() -> None:
    """Days 0 to 9; weeks of five days: the first is over with day 4, the second with day 9."""
    days, weeks = bars_of([float(day) for day in range(10)]), bars_of([100.0, 200.0])
    data = {
        OWN: History(bars=days, ends=np.arange(1, 11, dtype=np.int64)),
        WEEK: History(bars=weeks, ends=np.array([5, 10], dtype=np.int64)),
    }
    expected: Row = [None] * 4 + [100.0] * 5 + [200.0]
    for text, wanted in (("close@1w", expected), ("close@1w[1]", [None, *expected[:-1]]), ("close[1]@1w", None)):
        formula = analyse(text)
        batch = [shown(value, formula.kind) for value in evaluate(formula, data)]
        assert batch == (wanted or [None] * 9 + [100.0])
        evaluator = Evaluator(formula)
        evaluator.observe(WEEK, Bar(99, 102, 97, 100, 10), 5)
        evaluator.observe(WEEK, Bar(199, 202, 197, 200, 10), 10)
        pushed = [evaluator.push(Bar(day, day, day, day, 10), day + 1) for day in range(10)]
        assert [shown(value, formula.kind) for value in pushed] == batch


def test_another_instrument_may_have_no_bar_on_a_day() -> None:
    own, other = bars_of([1.0, 2, 3, 4]), bars_of([10.0, 30])
    data = {
        OWN: History(bars=own, ends=np.array([1, 2, 3, 4], dtype=np.int64)),
        MSFT: History(bars=other, ends=np.array([1, 3], dtype=np.int64)),
    }
    assert evaluate(analyse("MSFT.close - close"), data).tolist() == [9, 8, 27, 26]
    assert [shown(one, Kind.NUMBER) for one in evaluate(analyse("MSFT.sma(2)"), data)] == [None, None, 20, 20]
    # Instruments may need each other: each sees what the other had closed by then.
    formula, aapl = analyse("MSFT.highest(close - AAPL.sma(close - MSFT.close, 2), 1)"), Origin(symbol="AAPL")
    alone = analyse("AAPL.sma(close - MSFT.close, 2)")
    both = {**data, aapl: data[OWN]}
    assert [shown(one, Kind.NUMBER) for one in evaluate(alone, both)] == [None, -8.5, -17.5, -26.5]
    assert [shown(one, Kind.NUMBER) for one in evaluate(formula, both)] == [None, None, 47.5, 47.5]


def test_bars_that_are_missing_are_named() -> None:
    bars = History(bars=bars_of([1.0]))
    with pytest.raises(ValueError, match=r"MSFT.*are missing"):
        evaluate(analyse("MSFT.close"), {OWN: bars})
    with pytest.raises(ValueError, match="do not say when"):
        evaluate(analyse("MSFT.close"), {OWN: bars, MSFT: bars})


def test_hits_and_spans() -> None:
    truth = np.array([1, 1, 0, -1, 1, 0, 1, 1], dtype=np.int8)
    assert hits(truth).tolist() == [0, 4, 6]
    assert spans(truth).tolist() == [[0, 1], [4, 4], [6, 7]]
    assert spans(truth[:0]).tolist() == []


def test_no_bars_give_no_values() -> None:
    for text in ("close > 1", "highest(close, 3)", "count(close > 1, 3)", "since(close > 1)", "sma(3)", "close[2]"):
        assert values(text, []) == []


def test_the_evaluator_refuses_bars_that_cannot_be() -> None:
    evaluator = Evaluator(analyse("MSFT.close > close"))
    bar = Bar(1, 1, 1, 1, 1)
    with pytest.raises(ValueError, match="needs no bars"):
        evaluator.observe(WEEK, bar, 5)
    evaluator.observe(MSFT, bar, 5)
    with pytest.raises(ValueError, match="not newer"):
        evaluator.observe(MSFT, bar, 5)
    with pytest.raises(ValueError, match="when it was over"):
        evaluator.push(bar)


def test_a_bar_that_comes_late_is_seen_by_the_next() -> None:
    evaluator, bars = Evaluator(analyse("MSFT.close")), [Bar(n, n, n, n, n) for n in range(4)]
    assert np.isnan(evaluator.push(bars[0], 10))
    evaluator.observe(MSFT, bars[1], 10)
    evaluator.observe(MSFT, bars[3], 25)
    assert [evaluator.push(bars[0], 20), evaluator.push(bars[0], 30)] == [1.0, 3.0]


def test_a_state_of_something_else_is_refused() -> None:
    formula = analyse("sma(3) > close[1] or MSFT.close > 1")
    state = Evaluator(formula).state()
    for wrong in (
        {},
        {**state, "formula": "close"},
        {**state, "values": state["values"][1:]},
        {**state, "values": [None] * len(state["values"])},
        {**state, "steps": {}},
        {**state, "steps": {place: [1] for place in state["steps"]}},
        {**state, "waiting": [[[1]]]},
        {**state, "newest": 3},
    ):
        with pytest.raises(ValueError, match=r"saved|remember|restored|shorter|longer|stream"):
            Evaluator.restored(formula, wrong)
    Evaluator.restored(formula, state)
