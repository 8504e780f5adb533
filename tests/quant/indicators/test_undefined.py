"""Which bars are seen."""

import gc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.quant.indicators import undefined
from outcry.quant.indicators.undefined import find_defined, is_defined, scatter

NUMBERS = st.sampled_from([1.0, -1e300, np.nan, np.inf, -np.inf])


@settings(deadline=None)
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20))
def test_seen_are_the_bars_with_all_inputs_and_values_go_back_to_their_places(rows: list[tuple[float, float]]) -> None:
    columns = [np.array([row[side] for row in rows], dtype=np.float64) for side in (0, 1)]
    expected = [at for at, row in enumerate(rows) if np.isfinite(row).all()]
    found = find_defined(columns)
    if found is None:
        assert len(expected) == len(rows)
        return
    assert found.count == len(expected) < len(rows)
    placed = scatter(np.array(expected, dtype=np.float64), found, len(rows))
    assert np.flatnonzero(~np.isnan(placed)).tolist() == expected
    assert placed[expected].tolist() == expected


def test_a_column_is_looked_through_again_unless_nobody_can_write_to_it() -> None:
    column = np.ones(5)
    assert is_defined(column)
    column[3] = np.nan
    assert not is_defined(column)
    column.setflags(write=False)
    for _ in range(2):
        assert not is_defined(column)
    kept = id(column)
    assert kept in undefined._FOUND
    del column
    gc.collect()
    assert kept not in undefined._FOUND
