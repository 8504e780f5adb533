"""The guide to candle patterns says what the code does."""

from pathlib import Path

from outcry.quant.formula.analysing import analyse
from outcry.quant.indicators.streaming.candle_patterns import PATTERNS
from outcry.quant.indicators.streaming.candles import (
    DOJI_BODY,
    EQUAL,
    FAR,
    LONG_BODY,
    NEAR,
    NO_SHADOW,
    SHORT_BODY,
    SHORT_SHADOW,
)

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "candle-patterns.md").read_text(encoding="utf-8")


def test_every_pattern_has_its_line_in_the_order_of_the_tables() -> None:
    lines = [line for line in GUIDE.splitlines() if line.startswith("| `")]
    assert lines == [
        f"| `{pattern.name}` | {pattern.looks} | {pattern.bars} | {pattern.direction} |"
        for pattern in PATTERNS.values()
    ]


def test_the_proportions_are_those_that_it_tells() -> None:
    assert LONG_BODY == SHORT_BODY
    assert (LONG_BODY.part, LONG_BODY.period, LONG_BODY.factor) == ("body", 10, 1.0)
    assert DOJI_BODY == NO_SHADOW
    assert (DOJI_BODY.part, DOJI_BODY.period, DOJI_BODY.factor) == ("range", 10, 0.1)
    assert (SHORT_SHADOW.part, SHORT_SHADOW.period, SHORT_SHADOW.factor) == ("shadows", 10, 0.5)
    assert {(size.part, size.period) for size in (NEAR, FAR, EQUAL)} == {("range", 5)}
    assert (NEAR.factor, FAR.factor, EQUAL.factor) == (1 / 5, 3 / 5, 1 / 20)


def test_what_it_says_of_answers_and_settings_holds() -> None:
    weaker = {name for name, pattern in PATTERNS.items() if 80 in pattern.answers}
    confirmed = {name for name, pattern in PATTERNS.items() if 200 in pattern.answers}
    settable = {name for name, pattern in PATTERNS.items() if pattern.penetration is not None}
    assert weaker == {"engulfing", "harami", "harami_cross"}
    assert confirmed == {"hikkake", "hikkake_modified"}
    stars = {"morning_star", "morning_doji_star", "evening_star", "evening_doji_star"}
    assert settable == {"abandoned_baby", "dark_cloud_cover", "mat_hold"} | stars
    assert f"Outcry knows {len(PATTERNS)}," in GUIDE


def test_its_formulas_are_formulas() -> None:
    formulas = [line.strip() for line in GUIDE.splitlines() if line.startswith("    ")]
    assert len(formulas) == 3
    for formula in formulas:
        analyse(formula)
