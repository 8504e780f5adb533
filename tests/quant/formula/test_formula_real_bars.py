"""The example of the guide on the real bars of the sample market, by both evaluators and by hand."""

import itertools
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from outcry.kit.market import Bars, from_micros
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.evaluating import History, evaluate, hits
from outcry.quant.formula.evaluator import Bar, Evaluator
from outcry.quant.formula.explaining import explain
from outcry.quant.formula.program import OWN

EXAMPLE = "rsi(14) crosses_above 30 and close > sma(200) and volume > 2 * sma(volume, 20)"
CALMER = EXAMPLE.replace("2 * ", "")


@pytest.fixture(scope="module")
def apple() -> Bars:
    """Daily bars of AAPL, 2012-09-04 to 2017-09-01."""
    path = files("outcry.samples").joinpath("market.parquet")
    with path.open("rb") as file:
        table = pq.read_table(file, columns=["symbol", "time", "open", "high", "low", "close", "volume"])
    rows = table.filter(pc.equal(table["symbol"], "AAPL"))
    columns = {name: rows[name].to_numpy() for name in ("open", "high", "low", "close", "volume")}
    time = rows["time"].cast("int64").to_numpy()
    return Bars(time=time, adjusted_close=np.full(len(time), np.nan), **columns)


def dates(bars: Bars, text: str) -> list[str]:
    """The days on which a formula begins to hold: over arrays, and one bar at a time."""
    formula = analyse(text)
    found = hits(evaluate(formula, {OWN: History(bars=bars)})).tolist()
    evaluator = Evaluator(formula)
    columns = zip(bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True)
    pushed = [evaluator.push(Bar(*map(float, row))) for row in columns]
    assert hits(np.array(pushed)).tolist() == found
    return [from_micros(int(bars.time[place])).date().isoformat() for place in found]


def test_the_example_by_both_evaluators(apple: Bars) -> None:
    assert len(dates(apple, "rsi(14) crosses_above 30")) == 14
    assert dates(apple, "rsi(14) crosses_above 30 and close > sma(200)") == ["2015-07-10", "2016-11-07", "2016-11-15"]
    assert dates(apple, CALMER) == ["2015-07-10"]
    # On none of the three days was twice the usual volume traded.
    assert dates(apple, EXAMPLE) == []


def relative_strength(closes: list[float], period: int) -> float:
    """Wilder's index of the last close, as his book of 1978 computes it with a pencil."""
    changes = [after - before for before, after in itertools.pairwise(closes)]
    up = sum(max(change, 0) for change in changes[:period]) / period
    down = sum(max(-change, 0) for change in changes[:period]) / period
    for change in changes[period:]:
        up = (up * (period - 1) + max(change, 0)) / period
        down = (down * (period - 1) + max(-change, 0)) / period
    return 100 - 100 / (1 + up / down)


def test_one_hit_by_hand(apple: Bars) -> None:
    formula = analyse(CALMER)
    day = int(datetime(2015, 7, 10, tzinfo=UTC).timestamp()) * 1_000_000
    at = apple.time.tolist().index(day)
    closes, volumes = apple.close[: at + 1].tolist(), apple.volume[: at + 1].tolist()
    assert relative_strength(closes[:-1], 14) <= 30 < relative_strength(closes, 14)
    parts = {part.text: part.value for part in explain(formula, {OWN: History(bars=apple)}, at)}
    assert parts[CALMER] is True
    assert parts["rsi(14) crosses_above 30"] is True
    assert parts["rsi(14)"] == pytest.approx(relative_strength(closes, 14), rel=1e-12)
    assert parts["close"] == closes[-1] == 123.279999
    assert parts["sma(200)"] == pytest.approx(sum(closes[-200:]) / 200, rel=1e-12)
    assert parts["sma(volume, 20)"] == pytest.approx(sum(volumes[-20:]) / 20, rel=1e-12)
    assert parts["volume"] == volumes[-1] > sum(volumes[-20:]) / 20
