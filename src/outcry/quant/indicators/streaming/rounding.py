"""A product and a sum rounded once: what TA-Lib does since 0.8.1 wherever it adds something to a product."""

import math
import sys

# Splits a float into two halves whose products are exact (T. J. Dekker, Numerische Mathematik 18, 1971).
_SPLIT = 2.0**27 + 1.0


def multiply_add(a: float, b: float, c: float) -> float:
    """Return ``a * b + c``, rounded once, as the processor's fused multiply-add does.

    Beyond 1e300, where the exact way overflows, it is the plain sum.
    """
    try:
        return _fused(a, b, c)
    except (OverflowError, ValueError):
        return a * b + c


if sys.version_info >= (3, 13):
    _fused = math.fma
else:

    def _fused(a: float, b: float, c: float) -> float:
        product = a * b
        shifted = a * _SPLIT
        high_a = shifted - (shifted - a)
        low_a = a - high_a
        shifted = b * _SPLIT
        high_b = shifted - (shifted - b)
        low_b = b - high_b
        lost = low_a * low_b - (((product - high_a * high_b) - low_a * high_b) - high_a * low_b)
        return math.fsum((product, lost, c)) if lost - lost == 0.0 else product + c
