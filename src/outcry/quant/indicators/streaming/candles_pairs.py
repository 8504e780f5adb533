"""Patterns of two candles."""

from outcry.quant.indicators.streaming.candles import (
    DOJI_BODY,
    EQUAL,
    LONG_BODY,
    NO_SHADOW,
    SHORT_BODY,
    Candle,
    Pattern,
)


def _engulfing(first: Candle, second: Candle) -> int:
    if first.white == second.white:
        return 0
    # One end may be level, not both; a level end makes the weaker answer.
    if second.top > first.top and second.bottom < first.bottom:
        return 100 * second.sign
    wider = second.top > first.top or second.bottom < first.bottom
    return 80 * second.sign if wider and second.top >= first.top and second.bottom <= first.bottom else 0


def _inside(first: Candle, second: Candle) -> int:
    """How a small second body lies in the first: 100 inside it, 80 when an end is level, against the first's colour."""
    if second.top < first.top and second.bottom > first.bottom:
        return -100 * first.sign
    return -80 * first.sign if second.top <= first.top and second.bottom >= first.bottom else 0


def _harami(first: Candle, second: Candle, long: float, short: float) -> int:
    return _inside(first, second) if first.body > long and second.body <= short else 0


def _homing_pigeon(first: Candle, second: Candle, long: float, short: float) -> int:
    sizes = first.body > long and second.body <= short
    inside = second.top < first.top and second.bottom > first.bottom
    return 100 if first.black and second.black and sizes and inside else 0


def _doji_star(first: Candle, second: Candle, long: float, doji: float) -> int:
    gap = second.bottom > first.top if first.white else second.top < first.bottom
    return -100 * first.sign if first.body > long and second.body <= doji and gap else 0


def _counterattack(first: Candle, second: Candle, equal: float, long: float, long_too: float) -> int:
    met = first.close - equal <= second.close <= first.close + equal
    turns = first.white != second.white
    return 100 * second.sign if turns and first.body > long and second.body > long_too and met else 0


def _dark_cloud_cover(first: Candle, second: Candle, long: float, *, penetration: float) -> int:
    opens_above = first.white and first.body > long and second.black and second.open > first.high
    falls_into = first.open < second.close < first.close - first.body * penetration
    return -100 if opens_above and falls_into else 0


def _opens_below(first: Candle, second: Candle, long: float) -> bool:
    """A white candle that opens under the low of a long black one: what four patterns begin with."""
    return first.black and first.body > long and second.white and second.open < first.low


def _piercing(first: Candle, second: Candle, long: float, long_too: float) -> int:
    rises_into = first.close + first.body * 0.5 < second.close < first.open
    return 100 if _opens_below(first, second, long) and second.body > long_too and rises_into else 0


def _on_neck(first: Candle, second: Candle, equal: float, long: float) -> int:
    at_the_low = first.low - equal <= second.close <= first.low + equal
    return -100 if _opens_below(first, second, long) and at_the_low else 0


def _in_neck(first: Candle, second: Candle, equal: float, long: float) -> int:
    at_the_close = first.close <= second.close <= first.close + equal
    return -100 if _opens_below(first, second, long) and at_the_close else 0


def _thrusting(first: Candle, second: Candle, equal: float, long: float) -> int:
    under_the_middle = first.close + equal < second.close <= first.close + first.body * 0.5
    return -100 if _opens_below(first, second, long) and under_the_middle else 0


def _kicks(first: Candle, second: Candle, none: float, none_too: float, long: float, long_too: float) -> bool:
    """Two long marubozu of opposite colours, the second away from the first by a gap."""
    if first.white == second.white or not (first.body > long and second.body > long_too):
        return False
    gap = second.low > first.high if first.black else second.high < first.low
    return gap and max(first.upper, first.lower) < none and max(second.upper, second.lower) < none_too


def _kicking(first: Candle, second: Candle, none: float, none_too: float, long: float, long_too: float) -> int:
    return 100 * second.sign if _kicks(first, second, none, none_too, long, long_too) else 0


def _kicking_by_length(
    first: Candle, second: Candle, none: float, none_too: float, long: float, long_too: float
) -> int:
    longer = second if second.body > first.body else first
    return 100 * longer.sign if _kicks(first, second, none, none_too, long, long_too) else 0


def _matching_low(first: Candle, second: Candle, equal: float) -> int:
    level = first.close - equal <= second.close <= first.close + equal
    return 100 if first.black and second.black and level else 0


def _separating_lines(first: Candle, second: Candle, none: float, long: float, equal: float) -> int:
    level = first.open - equal <= second.open <= first.open + equal
    opening_shadow = second.lower if second.white else second.upper
    turns = first.white != second.white
    return 100 * second.sign if turns and level and second.body > long and opening_shadow < none else 0


_EITHER = (100, -100)

PATTERNS = (
    Pattern(
        name="engulfing",
        looks="A body that covers the whole body of the other colour before it; 80 when one end is level.",
        bars=2,
        answers=(100, 80, -80, -100),
        predicate=_engulfing,
        waits=2,
    ),
    Pattern(
        name="harami",
        looks="A short body inside the long body before it; 80 when an end is level.",
        bars=2,
        answers=(100, 80, -80, -100),
        predicate=_harami,
        limits=(LONG_BODY.back(1), SHORT_BODY.back(0)),
    ),
    Pattern(
        name="harami_cross",
        looks="A doji inside the long body before it; 80 when an end is level.",
        bars=2,
        answers=(100, 80, -80, -100),
        predicate=_harami,
        limits=(LONG_BODY.back(1), DOJI_BODY.back(0)),
    ),
    Pattern(
        name="homing_pigeon",
        looks="A short black body inside the long black body before it.",
        bars=2,
        answers=(100,),
        predicate=_homing_pigeon,
        limits=(LONG_BODY.back(1), SHORT_BODY.back(0)),
    ),
    Pattern(
        name="doji_star",
        looks="A doji that gaps away from a long body in the direction of its colour.",
        bars=2,
        answers=_EITHER,
        predicate=_doji_star,
        limits=(LONG_BODY.back(1), DOJI_BODY.back(0)),
    ),
    Pattern(
        name="counterattack",
        looks="Two long candles of opposite colours that close at the same price.",
        bars=2,
        answers=_EITHER,
        predicate=_counterattack,
        limits=(EQUAL.back(1), LONG_BODY.back(1), LONG_BODY.back(0)),
    ),
    Pattern(
        name="dark_cloud_cover",
        looks="A black candle that opens above the high of a long white one and closes deep inside its body.",
        bars=2,
        answers=(-100,),
        predicate=_dark_cloud_cover,
        limits=(LONG_BODY.back(1),),
        penetration=0.5,
    ),
    Pattern(
        name="piercing",
        looks="A long white candle that opens under the low of a long black one and closes above its middle.",
        bars=2,
        answers=(100,),
        predicate=_piercing,
        limits=(LONG_BODY.back(1), LONG_BODY.back(0)),
    ),
    Pattern(
        name="on_neck",
        looks="A white candle that opens under the low of a long black one and closes at that low.",
        bars=2,
        answers=(-100,),
        predicate=_on_neck,
        limits=(EQUAL.back(1), LONG_BODY.back(1)),
    ),
    Pattern(
        name="in_neck",
        looks="A white candle that opens under the low of a long black one and closes at its close or just above.",
        bars=2,
        answers=(-100,),
        predicate=_in_neck,
        limits=(EQUAL.back(1), LONG_BODY.back(1)),
    ),
    Pattern(
        name="thrusting",
        looks="A white candle that opens under the low of a long black one and closes in the lower half of its body.",
        bars=2,
        answers=(-100,),
        predicate=_thrusting,
        limits=(EQUAL.back(1), LONG_BODY.back(1)),
    ),
    Pattern(
        name="kicking",
        looks="A long marubozu that gaps away from one of the other colour; the second gives the direction.",
        bars=2,
        answers=_EITHER,
        predicate=_kicking,
        limits=(NO_SHADOW.back(1), NO_SHADOW.back(0), LONG_BODY.back(1), LONG_BODY.back(0)),
    ),
    Pattern(
        name="kicking_by_length",
        looks="A long marubozu that gaps away from one of the other colour; the longer gives the direction.",
        bars=2,
        answers=_EITHER,
        predicate=_kicking_by_length,
        limits=(NO_SHADOW.back(1), NO_SHADOW.back(0), LONG_BODY.back(1), LONG_BODY.back(0)),
    ),
    Pattern(
        name="matching_low",
        looks="Two black candles that close at the same price.",
        bars=2,
        answers=(100,),
        predicate=_matching_low,
        limits=(EQUAL.back(1),),
    ),
    Pattern(
        name="separating_lines",
        looks="A long candle that opens where one of the other colour opened, and has no shadow on that side.",
        bars=2,
        answers=_EITHER,
        predicate=_separating_lines,
        limits=(NO_SHADOW.back(0), LONG_BODY.back(0), EQUAL.back(1)),
    ),
)
