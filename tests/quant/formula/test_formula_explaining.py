"""What is told of the parts of a formula on one bar."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given

from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.evaluating import History, evaluate, run
from outcry.quant.formula.evaluator import Evaluator
from outcry.quant.formula.explaining import Joined, PartCount, explain
from outcry.quant.formula.program import OWN, Kind
from tests.quant.formula.drawing import Shape, formulas, make_data, push_all, shapes
from tests.quant.formula.test_formula_agreement import SLOW
from tests.quant.formula.test_formula_meaning import MSFT, bars_of


def test_each_part_has_its_place_and_its_value() -> None:
    text = "Close > sma(2) and\nnot change(close) > 1K"
    data = {OWN: History(bars=bars_of([1, 3, 2, 4]))}
    parts = explain(analyse(text), data, 3)
    assert [(part.depth, part.text, part.value) for part in parts] == [
        (1, text, True),
        (2, "Close > sma(2)", True),
        (3, "Close", 4.0),
        (3, "sma(2)", 3.0),
        (2, "not change(close) > 1K", True),
        (3, "change(close) > 1K", False),
        (4, "change(close)", 2.0),
        (5, "close", 4.0),
    ]
    assert all(text[part.start : part.end] == part.text for part in parts)
    json.dumps([asdict(part) for part in parts], allow_nan=False)
    assert [part.value for part in explain(analyse(text), data, 0)][:4] == [None, None, 1.0, None]


def test_a_part_has_both_of_its_brackets_or_none() -> None:
    text = "(close > 1 and not (volume > 2 or close < 3)) and (close + 1) * 2 > 3"
    parts = explain(analyse(text), {OWN: History(bars=bars_of([1, 3]))}, 1)
    assert all(part.text.count("(") == part.text.count(")") for part in parts)
    assert [part.text for part in parts][:3] == [text, text.split(" and (close +")[0], "close > 1"]
    assert all(text[part.start : part.end] == part.text for part in parts)


def test_another_instrument_is_shown_as_of_then() -> None:
    data = {
        OWN: History(bars=bars_of([1, 2, 3]), ends=np.array([1, 2, 3], dtype=np.int64)),
        MSFT: History(bars=bars_of([10, 30]), ends=np.array([2, 3], dtype=np.int64)),
    }
    formula = analyse("MSFT.change(close) > close")
    values = [[part.value for part in explain(formula, data, at)] for at in range(3)]
    assert values == [[None, None, None, 1.0], [None, None, 10.0, 2.0], [True, 20.0, 30.0, 3.0]]


def test_a_bar_that_there_is_not_is_refused() -> None:
    for at in (-1, 2):
        with pytest.raises(IndexError):
            explain(analyse("close"), {OWN: History(bars=bars_of([1, 2]))}, at)


@SLOW
@given(text=formulas(), shape=shapes(40))
def test_the_first_part_is_the_value_and_both_evaluators_tell_the_same(text: str, shape: Shape) -> None:
    formula, data = analyse(text), make_data(shape)
    evaluator = Evaluator(formula)
    push_all(evaluator, data)
    at = shape.count - 1
    batch, pushed = explain(formula, data, at), evaluator.explain()
    for one, other in zip(batch, pushed, strict=True):
        assert (one.start, one.end, one.kind) == (other.start, other.end, other.kind)
        assert one.value == (other.value if other.value is None else pytest.approx(other.value, rel=1e-9, abs=1e-12))
    last = evaluate(formula, data)[at]
    if not any(formula.steps[part.step].operation == "constant" for part in formula.parts) and batch:
        known = not np.isnan(last) if formula.kind is Kind.NUMBER else last != 0
        assert (batch[0].value is not None) == known


def test_of_what_never_held_it_is_told_what_was_missing() -> None:
    formula = analyse("close > 2 and (close > 3 and volume > 1K) and (close > 9 or not close > 1)")
    joined = Joined(formula)
    held = run(formula, {OWN: History(bars=bars_of([1, 2, 3, 4, 5]))}, joined.watch)
    assert not (held > 0).any()
    assert [(one.text, one.bars, one.others) for one in joined.count(0)] == [
        ("close > 2", 3, 0),
        ("close > 3", 2, 0),
        ("volume > 1K", 0, 0),
        ("(close > 9 or not close > 1)", 1, 0),
    ]
    assert joined.count(5) == tuple(PartCount(text=one.text, bars=0, others=0) for one in joined.count(0))


def test_a_part_that_alone_was_missing_says_on_how_many_bars() -> None:
    formula = analyse("close > 2 and close < 5 and close > 7")
    joined = Joined(formula)
    run(formula, {OWN: History(bars=bars_of([1, 3, 4, 8]))}, joined.watch)
    assert [(one.bars, one.others) for one in joined.count(0)] == [(3, 0), (3, 1), (1, 2)]
    alone = analyse("close > 7")
    assert Joined(alone).count(0) == ()
