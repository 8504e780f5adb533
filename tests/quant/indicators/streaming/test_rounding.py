"""A product and a sum, rounded once."""

from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from outcry.quant.indicators.streaming.rounding import multiply_add

MODERATE = st.floats(min_value=-1e12, max_value=1e12).filter(lambda value: value == 0 or abs(value) > 1e-12)


@given(a=MODERATE, b=MODERATE, c=MODERATE)
@example(a=0.1, b=10.0, c=-1.0)  # 0.1 is a little more than a tenth: a plain product loses that
@example(a=2.1, b=0.3, c=99.37)
def test_it_is_the_exact_result_rounded(a: float, b: float, c: float) -> None:
    assert multiply_add(a, b, c) == float(Fraction(a) * Fraction(b) + Fraction(c))


@given(a=MODERATE, b=MODERATE)
def test_it_gives_what_a_product_loses(a: float, b: float) -> None:
    assert multiply_add(a, b, -(a * b)) == float(Fraction(a) * Fraction(b) - Fraction(a * b))


def test_no_number_is_too_large_for_it() -> None:
    assert multiply_add(1e300, 2.0, 3.0) == 2e300
    assert multiply_add(1e200, 1e200, 1.0) == float("inf")
    assert multiply_add(1e154, 1e154, 1.7e308) == float("inf")
