"""Formulas over HTTP on real engines: checked, evaluated, explained; bad ones told, dear ones refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from outcry.kit.clock import FakeClock
from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.evaluating import evaluate
from outcry.quant.formula.evaluator import Evaluator
from outcry.services.charts.conditions.errors import FormulaTooDearError, FormulaTooSlowError
from outcry.services.charts.conditions.histories import Histories, Setting
from outcry.services.charts.conditions.queries import ConditionQueries
from tests.quant.formula.drawing import push_all
from tests.services.charts.browsing import Desk
from tests.services.charts.conftest import DAY, Charts, make_bars
from tests.services.charts.drawings.test_drawings import desk
from tests.services.charts.test_charts_replay import NEWEST

__all__ = ["desk"]

# Formulas read bars, which no engine of the database has a part in.
pytestmark = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)

HOUR = DAY // 24
EVALUATE, EXPLAIN = "/instruments/{}/formulas/evaluate", "/instruments/{}/formulas/explain"


def milliseconds(*days_before: int) -> list[int]:
    """The opens of bars so many days before the newest."""
    return [(NEWEST - day * DAY) // 1000 for day in days_before]


def walk(times: list[int], seed: int = 1) -> Bars:
    """Bars that go up and down."""
    bars, random = make_bars(times), np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.03, len(times)))), 2)
    volume = random.integers(1, 100, len(times)).astype(np.float64)
    return Bars(
        time=bars.time,
        open=close,
        high=close + 1,
        low=close - 1,
        close=close,
        volume=volume,
        adjusted_close=bars.adjusted_close,
    )


async def check(desk: Desk, text: str, **person: Any) -> dict[str, Any]:
    found: dict[str, Any] = await desk.call(desk.new_person(**person), "POST", "/formulas/check", {"text": text})
    return found


async def ask(desk: Desk, text: str, symbol: str = "AAPL", status: int = 200, **more: Any) -> dict[str, Any]:
    person, path = desk.new_person(), EVALUATE.format(symbol)
    found: dict[str, Any] = await desk.call(person, "POST", path, {"text": text, **more}, status=status)
    return found


async def test_a_text_is_checked(desk: Desk) -> None:
    found = await check(desk, "RSI > 30 and AAPL.close@1w > 0", role="guest")
    assert found == {
        "text": "rsi(14) > 30 and AAPL.close@1w > 0",
        "kind": "condition",
        "cost": analyse("rsi > 30 and AAPL.close@1w > 0").cost,
        "most_cost": 10_000,
        "needs": [
            {"symbol": "", "timeframe": None, "bars": 15},
            {"symbol": "AAPL", "timeframe": "1w", "bars": 1},
        ],
        "problems": [],
    }


async def test_a_half_typed_text_is_told_what_is_wrong(desk: Desk) -> None:
    found = await check(desk, "rsii(14) > 30\nand sma(1) > 2")
    assert (found["text"], found["kind"], found["needs"]) == ("", None, [])
    assert found["problems"][0] == {
        "code": "unknown_word",
        "message": "rsii is unknown. Did you mean rsi?",
        "suggestion": "rsi",
        "start": 0,
        "end": 4,
        "line": 1,
        "column": 1,
        "text": "rsii",
    }
    assert [(one["line"], one["column"]) for one in found["problems"]] == [(1, 1), (2, 9)]
    (long,) = (await check(desk, "close+" * 1000))["problems"]
    assert (long["code"], long["column"]) == ("limit", 2001)


async def test_an_instrument_that_there_is_not_is_told_at_its_place(desk: Desk) -> None:
    await desk.charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=desk.charts.tenant)
    assert (await check(desk, "OWN.close > 1"))["problems"] == []
    for text, person in (("close > nope.close", {}), ("close > OWN.close", {"tenant_id": uuid4()})):
        (problem,) = (await check(desk, text, **person))["problems"]
        assert (problem["code"], problem["column"]) == ("unknown_instrument", 9)
        assert problem["text"] == text[8:].split(".")[0]
    refused = await ask(desk, "close > nope.close", status=422)
    assert (refused["code"], refused["errors"][0]["field"]) == ("formula_invalid", "text:1:9")


async def test_the_words_are_listed(desk: Desk) -> None:
    words = await desk.call(desk.new_person("viewer"), "GET", "/formulas/words")
    by_name = {word["name"]: word for word in words}
    assert by_name["close"]["role"] == "series"
    assert by_name["sma"]["signature"] == "sma(close, period=20)"
    assert by_name["bbands"]["outputs"] == ["upper", "middle", "lower"]


async def test_hits_and_spans_of_a_condition(desk: Desk) -> None:
    """Closes are 101 to 110, one a day."""
    found = await ask(desk, "close > 104 and close < 108 or close == 110")
    assert (found["kind"], found["bars"], found["unknown"], found["holds"]) == ("condition", 10, 0, True)
    assert [found["first"], found["last"]] == milliseconds(9, 0)
    assert found["hits"] == milliseconds(5, 0)
    assert found["spans"] == [
        dict(zip(("start", "end"), milliseconds(5, 3), strict=True)),
        dict(zip(("start", "end"), milliseconds(0, 0), strict=True)),
    ]
    assert (found["time"], found["values"]) == ([], [])
    later = await ask(desk, "close > 104 and close < 108 or close == 110", limit=5)
    assert later["hits"] == milliseconds(0)
    assert later["spans"] == found["spans"]
    window: dict[str, Any] = {"start": "2025-12-27T00:00:00Z", "end": "2025-12-31T00:00:00Z"}
    cut = await ask(desk, "sma(3) > 104", **window)
    assert (cut["bars"], cut["hits"], cut["holds"]) == (4, milliseconds(4), True)
    assert (await ask(desk, "sma(3) > 104"))["unknown"] == 2
    assert (await ask(desk, "sma(20) > 104"))["holds"] is None


async def test_the_values_of_a_number(desk: Desk) -> None:
    found = await ask(desk, "sma(9)", limit=3)
    assert found["kind"] == "number"
    assert (found["time"], found["values"]) == (milliseconds(2, 1, 0), [None, 105.0, 106.0])
    assert (found["hits"], found["spans"], found["holds"], found["unknown"]) == ([], [], None, 1)


async def test_a_bar_that_is_not_over_is_left_out(desk: Desk, fake_clock: FakeClock) -> None:
    today = to_micros(datetime(2026, 1, 5, tzinfo=UTC))
    await desk.charts.add("OPEN", Timeframe.D1, make_bars([today - DAY, today]))
    found = await ask(desk, "close", symbol="OPEN")
    assert found["time"] == [(today - DAY) // 1000]
    assert fake_clock.now() < from_micros(today + DAY)


async def test_no_recorded_bars_give_no_hits(desk: Desk) -> None:
    found = await ask(desk, "close > 1", end="1990-01-01T00:00:00Z")
    assert (found["bars"], found["first"], found["hits"], found["holds"]) == (0, None, [], None)
    assert (await ask(desk, "close", end="1990-01-01T00:00:00Z"))["values"] == []


async def test_why_a_condition_held(desk: Desk) -> None:
    body = {"text": "close > 104 and sma(3) > 105", "at": "2025-12-29T15:00:00Z"}
    found = await desk.call(desk.new_person("guest"), "POST", EXPLAIN.format("aapl"), body)
    assert (found["symbol"], [found["time"]]) == ("AAPL", milliseconds(4))
    assert [(part["text"], part["value"], part["depth"]) for part in found["parts"]] == [
        ("close > 104 and sma(3) > 105", False, 1),
        ("close > 104", True, 2),
        ("close", 106.0, 3),
        ("sma(3) > 105", False, 2),
        ("sma(3)", 105.0, 3),
    ]
    body["at"] = "1990-01-01T00:00:00Z"
    refused = await desk.call(desk.new_person(), "POST", EXPLAIN.format("AAPL"), body, status=404)
    assert refused["code"] == "no_such_bar"


async def test_other_instruments_and_timeframes_as_of_then(desk: Desk) -> None:
    """Weeks are over with their Sunday, days at local midnight; hours of another instrument fall between."""
    days = [NEWEST - day * DAY for day in range(39, -1, -1)]
    await desk.charts.add("NY", Timeframe.D1, walk(days), zone="America/New_York")
    await desk.charts.add("HOUR", Timeframe.H1, walk([NEWEST - hour * HOUR for hour in range(300, -1, -1)], 2))
    text = "close@1w[1] > 0 and HOUR.sma(5) crosses_above HOUR.sma(20) or rsi(3)@1w > HOUR.close@1d - close[1]"
    found = await ask(desk, text, symbol="NY")
    formula = analyse(text)
    queries = desk.charts.queries
    clock = FakeClock(datetime(2026, 1, 5, 12, tzinfo=UTC))
    setting = Setting(tenant_id=desk.charts.tenant, symbol="NY", timeframe=Timeframe.D1, adjustment="splits")
    _, data = await Histories(queries, clock).read(setting, formula, None)
    truth = evaluate(formula, data)
    assert push_all(Evaluator(formula), data) == truth.tolist()
    assert found["unknown"] == (truth == 0).sum() < 40
    weekly = await ask(desk, "close@1w", symbol="NY")
    closes = (await ask(desk, "close", symbol="NY"))["values"]
    opened = [from_micros(day) for day in days]
    for place, day in enumerate(opened):
        sundays = [one for one, at in enumerate(opened[: place + 1]) if at.weekday() == 6]
        assert weekly["values"][place] == (closes[sundays[-1]] if sundays else None), day


async def test_another_organisations_instrument_is_answered_like_none(desk: Desk) -> None:
    await desk.charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=desk.charts.tenant)
    stranger = desk.new_person(tenant_id=uuid4())
    answers = []
    for symbol in ("OWN", "ZZZ"):
        body = {"text": "close > 1"}
        answers.append(await desk.call(stranger, "POST", EVALUATE.format(symbol), body, status=404))
    assert str(answers[0]).replace("OWN", "ZZZ") == str(answers[1])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 422),
        ({"text": 5}, 422),
        ({"text": "close > 1", "limit": 0}, 422),
        ({"text": "close > 1", "limit": 5001}, 422),
        ({"text": "close > 1", "limit": "5"}, 422),
        ({"text": "close > 1", "timeframe": "2d"}, 422),
        ({"text": "close > 1", "timeframe": "1m"}, 422),
        ({"text": "close@1m > 1"}, 422),
        ({"text": "close > 1", "start": 5}, 422),
        ({"text": "close > 1", "start": "2026-01-02", "end": "2026-01-01"}, 422),
        ({"text": "close > 1", "more": 1}, 422),
        ({"text": "x" * 10_001}, 422),
        ({"text": "close > \x00 1"}, 422),
        ({"text": "__import__('os')"}, 422),
        ({"text": ""}, 422),
    ],
)
async def test_bad_input_is_never_a_server_error(desk: Desk, body: dict[str, Any], code: int) -> None:
    await desk.call(desk.new_person(), "POST", EVALUATE.format("AAPL"), body, status=code)


async def test_what_is_too_dear_is_refused_and_what_is_too_slow_stopped(charts: Charts, fake_clock: FakeClock) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST - day * DAY for day in range(9, -1, -1)]))
    setting = Setting(tenant_id=charts.tenant, symbol="AAPL", timeframe=Timeframe.D1, adjustment="splits")
    dear = ConditionQueries(charts.queries, fake_clock, most_work=100)
    with pytest.raises(FormulaTooDearError, match="units a bar, and 10 bars are recorded"):
        await dear.evaluate(setting, "sma(9) > 1", start=None, end=None, limit=5)
    wide = ConditionQueries(charts.queries, fake_clock, most_numbers=29)
    with pytest.raises(FormulaTooDearError, match="3 values of each of 10 bars"):
        await wide.evaluate(setting, "close + open", start=None, end=None, limit=5)
    slow = ConditionQueries(charts.queries, fake_clock, most_seconds=0)
    with pytest.raises(FormulaTooSlowError):
        await slow.evaluate(setting, "sma(9) > 1", start=None, end=None, limit=5)
    with pytest.raises(FormulaTooSlowError):
        await slow.explain(setting, "sma(9) > 1", at=from_micros(NEWEST))


async def test_a_condition_that_never_held_is_told_with_what_was_missing(desk: Desk) -> None:
    await desk.charts.add("RISES", Timeframe.D1, walk(milliseconds_to_micros(30)), tenant=desk.charts.tenant)
    found = await ask(desk, "close > 0 and volume > 1K", "RISES")
    assert (found["hits"], found["holds"]) == ([], False)
    assert found["parts"] == [
        {"text": "close > 0", "bars": 30, "others": 0},
        {"text": "volume > 1K", "bars": 0, "others": 30},
    ]
    assert (await ask(desk, "close > 0 and volume > 0", "RISES"))["parts"] == []
    assert (await ask(desk, "volume > 1K", "RISES"))["parts"] == []


def milliseconds_to_micros(days: int) -> list[int]:
    """The opens of the last so many days, in microseconds, oldest first."""
    return [NEWEST - day * DAY for day in reversed(range(days))]
