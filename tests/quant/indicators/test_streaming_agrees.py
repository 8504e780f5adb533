"""Each stream gives, bar by bar, what the batch gives for the whole array."""

import platform
import random
from functools import cache

import numpy as np
import pytest

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.computing import calculate, complete
from outcry.quant.indicators.definition import Indicator
from outcry.quant.indicators.streaming.opening import open_stream, streams
from outcry.samples.market import read_sample_batches
from tests.quant.indicators.made_bars import make_bars, to_bars

COUNT = 420
# The products and sums of the MACD that TA-Lib rounds at once are rounded twice, for its speed. When TA-Lib sums the
# windows of the other two anew is not known for every tie. All the rest are the same bit for bit.
NEAR = {"macd", "macdfix", "beta", "correl"}
# Compilers for other processors choose for themselves what is rounded at once.
SAME_ROUNDING = platform.machine() in {"x86_64", "AMD64"}
KINDS = ("walk", "wide", "cents", "ties", "constant", "halted", "silent", "gaps", "tiny", "large", "aapl")


@cache
def bars_of(kind: str) -> Bars:
    """Return bars of every kind that has made a stream and a batch differ."""
    if kind == "aapl":
        return next(one.bars for one in read_sample_batches() if one.symbol == "AAPL").between(0, COUNT)
    made = {
        "cents": make_bars(COUNT, seed=2, tick=0.01),
        "ties": make_bars(COUNT, seed=3, tick=1.0),
        "tiny": make_bars(COUNT, seed=4, scale=1e-10),
        "large": make_bars(COUNT, seed=5, scale=1e4),
    }.get(kind) or make_bars(COUNT)
    columns = {name: getattr(made, name).copy() for name in ("open", "high", "low", "close", "volume")}
    prices = [columns[name] for name in ("open", "high", "low", "close")]
    bend(kind, prices)
    if kind == "silent":
        columns["volume"][np.random.default_rng(6).random(COUNT) < 0.2] = 0.0
        columns["volume"][200:290] = 0.0
    if kind == "gaps":
        holes = np.random.default_rng(7)
        for name, column in columns.items():
            column[holes.random(COUNT) < 0.02] = np.inf if name == "low" else np.nan
    return to_bars(columns["open"], columns["high"], columns["low"], columns["close"], columns["volume"])


def bend(kind: str, prices: list[Floats]) -> None:
    """Give the prices, whose last are the closes, their kind."""
    if kind == "wide":
        # Through many powers of two: elsewhere sums of differences have no digit to lose.
        for price in prices:
            price *= np.geomspace(0.01, 100.0, COUNT)
    if kind == "constant":
        for price in prices:
            price[:] = 37.13
    if kind == "halted":
        for price in prices:
            price[100:180] = prices[3][100]
            price[300:] = prices[3][300]


def columns_of(indicator: Indicator, kind: str) -> list[Floats]:
    bars = bars_of(kind)
    other = make_bars(COUNT, seed=11).close
    return [other if name == "other" else getattr(bars, name).astype(np.float64) for name in indicator.inputs]


def settings_of(indicator: Indicator, chance: random.Random) -> dict[str, float]:
    """Return settings anywhere in their ranges, but for windows, which fit the bars."""
    values: dict[str, float] = {}
    for parameter in indicator.parameters:
        if parameter.choices or not parameter.whole:
            most = parameter.most if parameter.choices else min(parameter.most, 2 * parameter.default + 1)
            values[parameter.name] = chance.uniform(max(parameter.least, -1.0), most)
            if parameter.choices:
                values[parameter.name] = float(round(values[parameter.name]))
        else:
            # A window fits the bars; what begins higher is no window.
            most = min(parameter.most, 40) if parameter.least < 40 else parameter.most
            values[parameter.name] = float(chance.randint(int(parameter.least), int(most)))
    if indicator.order and values[indicator.order[0]] >= values[indicator.order[1]]:
        values[indicator.order[1]] = values[indicator.order[0]] + chance.randint(1, 20)
    return complete(indicator, values)


def run(indicator: Indicator, settings: dict[str, float], columns: list[Floats]) -> Floats:
    stream = open_stream(indicator.name, settings)
    return np.array([stream.push(*bar) for bar in zip(*(one.tolist() for one in columns), strict=True)]).T


def test_every_indicator_has_a_stream() -> None:
    assert CATALOGUE.keys() - streams().keys() == set()


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name in streams()])
def test_a_stream_is_the_batch(name: str) -> None:
    indicator, chance = CATALOGUE[name], random.Random(name)
    choices = [complete(indicator, {})]
    if indicator.parameters:
        choices += [settings_of(indicator, chance), settings_of(indicator, chance)]
    for kind in KINDS:
        columns = columns_of(indicator, kind)
        for settings in choices:
            for found, batch in zip(
                run(indicator, settings, columns), calculate(indicator, columns, settings), strict=True
            ):
                # Where TA-Lib divides by nothing a stream says that there is no value.
                expected = np.where(np.isinf(batch), np.nan, batch)
                tell = f"{name} {settings} {kind}"
                if SAME_ROUNDING and name not in NEAR:
                    np.testing.assert_array_equal(found, expected, tell)
                else:
                    # Differences of near numbers have lost their digits before: to those numbers' size.
                    size = np.nanmax(np.abs(expected), initial=0.0)
                    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * size, err_msg=tell)
