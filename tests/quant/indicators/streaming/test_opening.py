"""Opening, saving and restoring streams."""

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.streaming.opening import open_stream
from tests.quant.indicators.test_streaming_agrees import KINDS, columns_of, settings_of

# Any numbers at all, and some that are none.
NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=60)


def test_names_and_settings_are_checked_as_the_batch_checks_them() -> None:
    with pytest.raises(NotFoundError):
        open_stream("nonsense", {})
    with pytest.raises(InvalidInputError):
        open_stream("sma", {"period": 0})
    with pytest.raises(InvalidInputError):
        open_stream("sma", {"length": 5})


def test_an_undefined_value_gives_nan_and_leaves_the_stream_as_it_was() -> None:
    stream = open_stream("sma", {"period": 2})
    found = [stream.push(value)[0] for value in (1.0, math.nan, 3.0, math.inf, -math.inf, 5.0)]
    assert [str(value) for value in found] == ["nan", "nan", "2.0", "nan", "nan", "4.0"]


@settings(deadline=None)
@given(data=st.data())
def test_saving_and_restoring_in_the_middle_changes_nothing(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CATALOGUE)))
    columns = [column[:120] for column in columns_of(CATALOGUE[name], data.draw(st.sampled_from(KINDS)))]
    chosen = settings_of(CATALOGUE[name], random.Random(data.draw(st.integers(0, 9))))
    cut = data.draw(st.integers(0, 120))
    bars = list(zip(*(column.tolist() for column in columns), strict=True))
    whole, first, second = (open_stream(name, chosen) for _ in range(3))
    expected = [whole.push(*bar) for bar in bars]
    found = [first.push(*bar) for bar in bars[:cut]]
    push = second.push
    second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    found += [push(*bar) for bar in bars[cut:]]
    assert str(found) == str(expected)


@given(values=NUMBERS, cut=st.integers(min_value=0, max_value=60))
@pytest.mark.parametrize("name", ["sma", "ema", "rsi", "bbands", "var", "kama", "linearreg"])
def test_saving_and_restoring_keeps_any_number(name: str, values: list[float], cut: int) -> None:
    whole, first, second = (open_stream(name, {"period": 5}) for _ in range(3))
    expected = [whole.push(value) for value in values]
    found = [first.push(value) for value in values[:cut]]
    push = second.push
    second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    found += [push(value) for value in values[cut:]]
    assert str(found) == str(expected)


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_is_saved_does_not_grow_with_the_bars(name: str) -> None:
    columns = columns_of(CATALOGUE[name], "walk")
    stream = open_stream(name, {})
    bars = list(zip(*(column.tolist() for column in columns), strict=True))
    sizes = []
    for _ in range(4):
        for bar in bars:
            stream.push(*bar)
        sizes.append(count_numbers(stream.state()))
    assert sizes[3] <= 1.1 * sizes[1]


def count_numbers(state: Any) -> int:
    """Return how many numbers and texts are in lists of lists."""
    return sum(map(count_numbers, state)) if isinstance(state, list | tuple) else 1


@pytest.mark.parametrize("remembered", [3.0, "saved", [], [3], ["a"] * 4, [1, 2, 3, [4]]])
def test_a_state_of_another_form_is_refused_and_changes_nothing(remembered: Any) -> None:
    stream = open_stream("rsi", {})
    for value in range(20):
        stream.push(float(value * 7 % 5))
    before = stream.state()
    name, chosen, form, _ = before
    for state in ([], "rsi", remembered, [name, chosen], [name, chosen, form, remembered], [name, 14, form, []]):
        with pytest.raises(ValueError, match=r"saved|cannot go on"):
            stream.restore(state)
    with pytest.raises(ValueError, match="another version of the code"):
        stream.restore([name, chosen, "0", before[3]])
    assert stream.state() == before
    with pytest.raises(ValueError, match="other settings"):
        stream.restore(open_stream("rsi", {"period": 9}).state())


@pytest.mark.parametrize("name", ["sma", "bbands", "correl", "hammer"])
def test_a_ring_of_another_length_is_refused_and_changes_nothing(name: str) -> None:
    columns = columns_of(CATALOGUE[name], "walk")
    bars = list(zip(*(column.tolist() for column in columns), strict=True))
    stream, other = open_stream(name, {}), open_stream(name, {})
    for bar in bars[:50]:
        stream.push(*bar)
    before = stream.state()
    with pytest.raises(ValueError, match="cannot go on"):
        other.restore(shortened(before))
    with pytest.raises(ValueError, match="cannot go on"):
        stream.restore(shortened(before))
    assert stream.state() == before
    assert str(other.state()) == str(open_stream(name, {}).state())


def shortened(state: Any) -> Any:
    """Return a state whose innermost lists have lost their last number."""
    if not isinstance(state, list | tuple):
        return state
    name, chosen, form, remembered = state
    return name, chosen, form, _without_last(list(remembered))


def _without_last(state: Any) -> Any:
    if not isinstance(state, list | tuple):
        return state
    if all(not isinstance(item, list | tuple) for item in state):
        return state[:-1]
    return [_without_last(item) for item in state]
