"""Each stream gives, bar by bar, what the batch gives for the whole array."""

import numpy as np
import pytest

from outcry.kit.market import Floats
from outcry.quant.indicators.computing import compute
from outcry.quant.indicators.streaming.opening import open_stream
from tests.quant.indicators.test_indicators import make_bars

# The others differ by a rounding where a processor multiplies and adds in one step.
EXACT = {"sma", "rsi"}


@pytest.mark.parametrize("name", ["sma", "ema", "rsi"])
@pytest.mark.parametrize("parameters", [{}, {"period": 2}, {"period": 3}, {"period": 37}])
def test_a_stream_is_the_batch(name: str, parameters: dict[str, float]) -> None:
    bars = make_bars(300)
    stream = open_stream(name, parameters)
    found: Floats = np.array([stream.push(value)[0] for value in bars.close.tolist()])
    expected = compute(name, bars, parameters)[name]
    np.testing.assert_allclose(found, expected, rtol=0 if name in EXACT else 1e-9, atol=0)
