"""The whole catalogue: complete, named well, and exactly TA-Lib where the arithmetic is TA-Lib's."""

import math
import random
import re

import numpy as np
import pytest
import talib

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.computing import complete, compute, get_indicator, warm_up
from outcry.quant.indicators.declaring import AVERAGES
from tests.quant.indicators.bare import bare_function, bare_results
from tests.quant.indicators.made_bars import make_bars
from tests.quant.indicators.made_settings import draw_settings

# Those of one number, or of two at the same bar, are the formula language's; the catalogue says why the last two.
LEFT_OUT = {
    *(
        "ACOS",
        "ASIN",
        "ATAN",
        "CEIL",
        "COS",
        "COSH",
        "EXP",
        "FLOOR",
        "LN",
        "LOG10",
        "SIN",
        "SINH",
        "SQRT",
        "TAN",
        "TANH",
    ),
    *("ADD", "SUB", "MULT", "DIV"),
    *("MAVP", "VWAP"),
}
OF_TALIB = [name for name, indicator in CATALOGUE.items() if indicator.function]
OTHER = make_bars(1200, seed=8).close


def test_all_of_talib_is_there_but_for_what_is_named() -> None:
    called = [indicator.function for indicator in CATALOGUE.values() if indicator.function]
    assert len(called) == len(set(called))
    assert set(called) | LEFT_OUT == set(talib.get_functions())  # type: ignore[no-untyped-call]  # no types are shipped
    assert not set(called) & LEFT_OUT


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_entry_is_complete(name: str) -> None:
    indicator = CATALOGUE[name]
    assert indicator.name == name
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert indicator.title
    assert indicator.title[0].isupper()
    assert indicator.summary.endswith(".")
    assert len(indicator.summary) <= 120
    assert indicator.source.endswith(".")
    assert len(set(indicator.outputs)) == len(indicator.outputs) > 0
    assert set(indicator.aside) < set(indicator.outputs)
    assert set(indicator.series * indicator.inputs) <= {"close", "other"}
    for parameter in indicator.parameters:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", parameter.name)
        assert parameter.least <= parameter.default <= parameter.most
        if parameter.choices:
            assert parameter.whole
            assert len(parameter.choices) == parameter.most - parameter.least + 1


@pytest.mark.parametrize("name", OF_TALIB)
def test_values_and_warm_up_are_exactly_talibs_for_any_settings(name: str) -> None:
    indicator, chance = CATALOGUE[name], random.Random(name)
    for turn in range(4):
        settings = draw_settings(indicator, chance) if turn else complete(indicator, {})
        bars = make_bars(400, seed=turn, tick=0.5 * (turn % 2))
        expected = bare_results(indicator, bars, OTHER[:400], settings)
        warm = warm_up(name, settings)
        assert warm == bare_function(indicator, settings).lookback, settings
        found = compute(name, bars, settings, other=OTHER[:400])
        for values, theirs in zip(found.values(), expected, strict=True):
            assert np.isnan(values[:warm]).all()
            np.testing.assert_array_equal(values[warm:], theirs[warm:], err_msg=str(settings))


def test_the_kinds_of_average_have_talibs_numbers() -> None:
    bars = make_bars(400)
    own = ("sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3")
    assert len(own) == len(AVERAGES)
    for number, name in enumerate(own):
        settings = {} if name == "mama" else {"period": 9}
        found = compute("ma", bars, {"period": 9, "ma_type": number})["ma"]
        np.testing.assert_array_equal(found, next(iter(compute(name, bars, settings).values())))


@pytest.mark.parametrize(
    ("name", "chosen", "field"),
    [
        ("rsi", {"period": 1}, "period"),
        ("rsi", {"period": 1001}, "period"),
        ("rsi", {"period": 2.5}, "period"),
        ("rsi", {"period": math.nan}, "period"),
        ("rsi", {"period": math.inf}, "period"),
        ("rsi", {"length": 14}, "length"),
        ("obv", {"period": 14}, "period"),
        ("macd", {"fast": 26, "slow": 12}, "fast"),
        ("macd", {"fast": 40}, "fast"),
        ("ma", {"ma_type": 9}, "ma_type"),
        ("bbands", {"deviations": 0}, "deviations"),
        ("beta", {}, "other"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, chosen: dict[str, float], field: str) -> None:
    with pytest.raises(InvalidInputError, match=field) as caught:
        compute(name, make_bars(100), chosen)
    assert caught.value.errors[0]["field"] == field


def test_a_range_is_told_in_digits() -> None:
    with pytest.raises(InvalidInputError, match="anchor: must be from 10101 to 99991231"):
        complete(get_indicator("anchored_vwap"), {"anchor": 0})
    with pytest.raises(InvalidInputError, match=r"deviation: must be from 0\.1 to 50"):
        complete(get_indicator("zigzag"), {"deviation": 0})


def test_an_unknown_name_is_answered_with_its_neighbours() -> None:
    with pytest.raises(NotFoundError, match="Did you mean hammer"):
        compute("hamer", make_bars(10), {})
    with pytest.raises(NotFoundError, match=f"has {len(CATALOGUE)} others"):
        compute("<script>", make_bars(10), {})
    assert complete(get_indicator("RSI"), {}) == {"period": 14.0}
