"""The two evaluators agree: over arrays and one bar at a time, whatever the formula and the bars."""

import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.kit.market import Floats
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.evaluating import evaluate
from outcry.quant.formula.evaluator import Evaluator
from outcry.quant.formula.program import Kind
from tests.quant.formula.drawing import (
    INDICATORS,
    Shape,
    calls_of,
    cut,
    formulas,
    make_data,
    push_all,
    shapes,
)

SLOW = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


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


@settings(SLOW, max_examples=40)
@given(text=formulas(), shape=shapes(50))
def test_more_history_is_never_needed_than_the_look_back_says(text: str, shape: Shape) -> None:
    """With a look-back of n, part after part may be unknown for n - 1 bars, and holes aside not longer."""
    formula = analyse(text)
    assert max(formula.look_back.values()) >= 1
    assert set(formula.look_back) == set(formula.origins)


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
