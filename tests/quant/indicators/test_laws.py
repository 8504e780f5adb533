"""Laws that hold for every entry of the catalogue."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.computing import calculate, complete, compute, warm_up
from tests.quant.indicators.made_bars import flat_bars, make_bars, to_bars
from tests.quant.indicators.made_settings import draw_settings

COUNT = 260
BARS = {"walk": make_bars(COUNT), "ties": make_bars(COUNT, seed=3, tick=0.5), "tiny": make_bars(COUNT, scale=2.0**-34)}
SHARES = {"rsi", "stoch", "stochf", "stochrsi", "adx", "dx", "mfi", "aroon", "ultosc", "imi", "percentrank"}


def other_of(bars: Bars) -> Floats:
    return make_bars(len(bars), seed=8).close


def run(name: str, bars: Bars) -> dict[str, Floats]:
    return compute(name, bars, {}, other=other_of(bars))


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_first_value_comes_exactly_after_the_warm_up(name: str) -> None:
    needed, sparse = warm_up(name, {}), CATALOGUE[name].sparse
    for values in run(name, BARS["walk"]).values():
        assert len(values) == COUNT
        assert values.dtype == np.float64
        assert np.isnan(values[:needed]).all()
        assert sparse or not np.isnan(values[needed:]).any()
    for count in {0, 1, needed, needed + 1}:
        for values in run(name, make_bars(count)).values():
            assert len(values) == count
            assert np.isnan(values[:needed]).all()
            assert count <= needed or sparse or not np.isnan(values[-1])


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("kind", BARS)
def test_later_bars_never_change_earlier_values(name: str, kind: str) -> None:
    bars = BARS[kind]
    whole = run(name, bars)
    for cut in (1, 7, 64, 121, 180, COUNT - 1):
        part = compute(name, bars.between(0, cut), {}, other=other_of(bars)[:cut])
        for output, values in whole.items():
            np.testing.assert_array_equal(part[output], values[:cut])


@pytest.mark.parametrize("name", CATALOGUE)
def test_later_bars_change_nothing_with_any_settings_and_holes(name: str) -> None:
    indicator, chance = CATALOGUE[name], random.Random(name)
    for turn in range(3):
        bars = make_bars(120, seed=turn, tick=(0, 0.01, 5)[turn])
        columns = [
            other_of(bars).copy() if each == "other" else getattr(bars, each).astype(np.float64)
            for each in indicator.inputs
        ]
        for column in columns:
            column[chance.randrange(120)] = chance.choice([np.nan, np.inf, -np.inf])
        chosen, cut = draw_settings(indicator, chance), chance.randrange(1, 120)
        part = calculate(indicator, [column[:cut] for column in columns], chosen)
        for values, there in zip(calculate(indicator, columns, chosen), part, strict=True):
            assert not np.isinf(values).any()
            np.testing.assert_array_equal(values[:cut], there, err_msg=str(chosen))


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_undefined_bar_is_as_if_it_were_not_there(name: str) -> None:
    indicator, bars = CATALOGUE[name], BARS["walk"]
    columns = [
        other_of(bars) if each == "other" else getattr(bars, each).astype(np.float64) for each in indicator.inputs
    ]
    gaps = np.array([0, 1, 40, 41, 100, 200, COUNT - 1])
    broken = [column.copy() for column in columns]
    for number, gap in enumerate(gaps):
        broken[number % len(broken)][gap] = (np.nan, np.inf, -np.inf)[number % 3]
    seen = np.setdiff1d(np.arange(COUNT), gaps)
    chosen = complete(indicator, {})
    expected = calculate(indicator, [column[seen] for column in columns], chosen)
    before = [column.copy() for column in broken]
    for values, there in zip(calculate(indicator, broken, chosen), expected, strict=True):
        assert np.isnan(values[gaps]).all()
        np.testing.assert_array_equal(values[seen], there)
    for column, kept in zip(broken, before, strict=True):
        np.testing.assert_array_equal(column, kept)


@pytest.mark.parametrize("name", CATALOGUE)
def test_leading_undefined_bars_only_delay(name: str) -> None:
    indicator, bars = CATALOGUE[name], BARS["walk"]
    columns = [
        other_of(bars) if each == "other" else getattr(bars, each).astype(np.float64) for each in indicator.inputs
    ]
    later = [np.concatenate([np.full(20, np.nan), column]) for column in columns]
    chosen = complete(indicator, {})
    for values, expected in zip(
        calculate(indicator, later, chosen), calculate(indicator, columns, chosen), strict=True
    ):
        assert np.isnan(values[:20]).all()
        np.testing.assert_array_equal(values[20:], expected)
    undefined = [np.full(50, np.nan)] * len(columns)
    assert all(np.isnan(values).all() for values in calculate(indicator, undefined, chosen))


@pytest.mark.parametrize("name", CATALOGUE)
def test_constant_prices_and_empty_volumes_give_finite_values(name: str) -> None:
    prices = np.full(COUNT, 100.1)
    nothing = to_bars(prices, prices, prices, prices, np.zeros(COUNT))
    for bars in (flat_bars(prices), nothing):
        for values in compute(name, bars, {}, other=prices).values():
            assert not np.isinf(values).any()
            assert CATALOGUE[name].sparse or not np.isnan(values[warm_up(name, {}) :]).any()


@pytest.mark.parametrize("name", [name for name, indicator in CATALOGUE.items() if "volume" not in indicator.inputs])
def test_a_coin_priced_at_a_hundred_millionth_behaves_like_any_other(name: str) -> None:
    if name in {"linearreg_angle", "var", "relative_strength"}:
        pytest.skip("an angle of a slope in prices, a square, or a ratio to a price that stays grows otherwise")
    scale = 2.0**-34 if CATALOGUE[name].priced else 1.0
    whole = run(name, BARS["walk"])
    for output, values in run(name, BARS["tiny"]).items():
        fixed = output in {"direction", "ago"}
        np.testing.assert_array_equal(values / (1.0 if fixed else scale), whole[output])


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(CATALOGUE)),
    closes=st.lists(st.floats(1e-9, 1e9, allow_subnormal=False), max_size=120),
)
def test_any_prices_give_numbers_and_stay_as_they_are(name: str, closes: list[float]) -> None:
    prices = np.array(closes, dtype=np.float64)
    bars = to_bars(prices, prices * 1.5, prices / 2, prices, np.ones(len(closes)))
    before = prices.copy()
    for values in compute(name, bars, {}, other=prices[::-1]).values():
        assert len(values) == len(closes)
        known = values[warm_up(name, {}) :]
        assert np.isfinite(known).all() or CATALOGUE[name].sparse
        assert name not in SHARES or ((known >= -1e-6) & (known <= 100 + 1e-6)).all()
    np.testing.assert_array_equal(prices, before)


@pytest.mark.parametrize("name", sorted(SHARES))
def test_a_share_stays_between_0_and_100(name: str) -> None:
    for bars in BARS.values():
        for values in run(name, bars).values():
            known = values[~np.isnan(values)]
            assert ((known >= -1e-9) & (known <= 100 + 1e-9)).all()
