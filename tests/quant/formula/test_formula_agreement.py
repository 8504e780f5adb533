"""The two evaluators agree: over arrays and one bar at a time, whatever the formula and the bars."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.kit.market import Floats
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.evaluating import evaluate
from outcry.quant.formula.evaluator import Evaluator
from outcry.quant.formula.program import OWN, Kind
from outcry.quant.formula.words import is_indicator
from outcry.quant.indicators.catalogue import CATALOGUE
from tests.quant.formula.drawing import (
    INDICATORS,
    UNSTEADY,
    Shape,
    calls_of,
    cut,
    formulas,
    make_data,
    push_all,
    shapes,
)

SLOW = settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])


def agree(kind: Kind, batch: Floats, pushed: list[float]) -> None:
    """Every truth the same, every number within 1e-9 of the other."""
    if kind is Kind.CONDITION:
        assert batch.tolist() == pushed
    else:
        np.testing.assert_allclose(np.array(pushed), batch, rtol=1e-9, atol=1e-12, equal_nan=True)


@SLOW
@given(text=formulas(), shape=shapes())
def test_both_evaluators_give_the_same(text: str, shape: Shape) -> None:
    formula, data = analyse(text), make_data(shape)
    agree(formula.kind, evaluate(formula, data), push_all(Evaluator(formula), data))


@settings(SLOW, max_examples=60)
@given(name=st.sampled_from(INDICATORS), shape=shapes(120), more=st.data())
def test_every_indicator_agrees(name: str, shape: Shape, more: st.DataObject) -> None:
    formula, data = analyse(more.draw(calls_of(name))), make_data(shape)
    agree(formula.kind, evaluate(formula, data), push_all(Evaluator(formula), data))


@settings(SLOW, max_examples=60)
@given(text=formulas(), shape=shapes(40))
def test_a_value_is_the_same_when_nothing_is_known_of_what_came_later(text: str, shape: Shape) -> None:
    formula, data = analyse(text), make_data(shape)
    whole = evaluate(formula, data)
    then = [evaluate(formula, cut(data, last))[-1] for last in range(shape.count)]
    agree(formula.kind, whole, then)


@settings(SLOW, max_examples=60)
@given(text=formulas(), shape=shapes(60), at=st.floats(0, 1))
def test_what_was_saved_goes_on_as_if_nothing_had_been(text: str, shape: Shape, at: float) -> None:
    formula, data = analyse(text), make_data(shape)
    middle = int(at * shape.count)
    whole = push_all(Evaluator(formula), data)
    first = Evaluator(formula)
    begun = push_all(first, data, last=middle)
    state = json.loads(json.dumps(first.state(), allow_nan=False))
    second = Evaluator.restored(formula, state)
    np.testing.assert_array_equal(begun + push_all(second, data, first=middle), whole)


@settings(SLOW, max_examples=60)
@given(text=formulas(), shape=shapes(60))
def test_no_value_is_infinite(text: str, shape: Shape) -> None:
    assert not np.isinf(evaluate(analyse(text), make_data(shape))).any()


@pytest.mark.parametrize(
    "text",
    [
        "close",
        "close[7]",
        "ema(rsi(14), 9)",
        "highest(ema(rsi(14), 9)[3], 5)",
        "macd(5, 9, 3).signal - sma(30)",
        "percent_change(sma(volume, 4), 6)",
        "count(close > sma(5), 8)",
        "if(close > sma(30), close[3], low[20])",
        "(bbands(20).upper - bbands(20).lower) / atr(14)",
    ],
)
def test_the_first_known_value_comes_where_the_look_back_says(text: str) -> None:
    formula = analyse(text)
    data = make_data(Shape(count=80, seed=1, tick=0.0, scale=1.0, holes=0.0, still=False))
    known = np.flatnonzero(~np.isnan(evaluate(formula, data)))
    assert known[0] + 1 == formula.look_back[OWN]
    assert len(known) == 80 - known[0]


@settings(SLOW, max_examples=200)
@given(text=formulas(levels=3))
def test_the_canonical_text_is_the_same_formula(text: str) -> None:
    formula = analyse(text)
    again = analyse(formula.text)
    assert (again.text, again.steps, again.kind, again.cost) == (
        formula.text,
        formula.steps,
        formula.kind,
        formula.cost,
    )
    assert again.look_back == formula.look_back


def test_every_indicator_is_drawn_but_those_that_functions_hide() -> None:
    assert {name for name in CATALOGUE if not is_indicator(name)} == {"max", "min"}
    assert set(CATALOGUE) - {"max", "min"} == set(INDICATORS) | UNSTEADY
