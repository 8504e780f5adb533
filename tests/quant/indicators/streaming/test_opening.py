"""Opening, saving and restoring streams."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.quant.indicators.streaming.opening import open_stream, streams

NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=60)


def test_names_and_settings_are_checked_as_the_batch_checks_them() -> None:
    with pytest.raises(NotFoundError):
        open_stream("nonsense", {})
    with pytest.raises(InvalidInputError):
        open_stream("sma", {"period": 0})
    with pytest.raises(InvalidInputError):
        open_stream("sma", {"length": 5})
    assert set(streams()) >= {"sma", "ema", "rsi"}


def test_an_undefined_value_gives_nan_and_leaves_the_stream_as_it_was() -> None:
    stream = open_stream("sma", {"period": 2})
    found = [stream.push(value)[0] for value in (1.0, math.nan, 3.0, math.inf, -math.inf, 5.0)]
    assert [str(value) for value in found] == ["nan", "nan", "2.0", "nan", "nan", "4.0"]


@given(name=st.sampled_from(["sma", "ema", "rsi"]), values=NUMBERS, cut=st.integers(min_value=0, max_value=60))
def test_saving_and_restoring_in_the_middle_changes_nothing(name: str, values: list[float], cut: int) -> None:
    whole, first = open_stream(name, {"period": 5}), open_stream(name, {"period": 5})
    expected = [whole.push(value) for value in values]
    found = [first.push(value) for value in values[:cut]]
    second = open_stream(name, {"period": 5})
    second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    found += [second.push(value) for value in values[cut:]]
    assert str(found) == str(expected)


@pytest.mark.parametrize(
    "state", [[], "rsi", ["rsi", [14.0], []], ["rsi", [14.0], 3.0], ["rsi", [14.0], ["a"] * 6], ["rsi", [9.0], []]]
)
def test_a_state_of_another_form_is_refused_and_changes_nothing(state: list[object]) -> None:
    stream = open_stream("rsi", {})
    for value in range(20):
        stream.push(float(value * 7 % 5))
    before = stream.state()
    with pytest.raises(ValueError, match=r"saved|cannot go on"):
        stream.restore(state)  # type: ignore[arg-type] # that is the test
    assert stream.state() == before
    with pytest.raises(ValueError, match="other settings"):
        stream.restore(open_stream("rsi", {"period": 9}).state())
