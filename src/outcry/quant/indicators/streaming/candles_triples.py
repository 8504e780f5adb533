"""Patterns of three candles."""

from outcry.quant.indicators.streaming.candles import (
    DOJI_BODY,
    EQUAL,
    FAR,
    LONG_BODY,
    NEAR,
    NO_SHADOW,
    SHORT_BODY,
    SHORT_SHADOW,
    Candle,
    Pattern,
)
from outcry.quant.indicators.streaming.rounding import multiply_add


def _gaps_up(before: Candle, after: Candle) -> bool:
    return after.bottom > before.top


def _gaps_down(before: Candle, after: Candle) -> bool:
    return after.top < before.bottom


def _two_crows(first: Candle, second: Candle, third: Candle, long: float) -> int:
    star = first.white and first.body > long and second.black and _gaps_up(first, second)
    falls = third.black and second.close < third.open < second.open and first.open < third.close < first.close
    return -100 if star and falls else 0


def _upside_gap_two_crows(first: Candle, second: Candle, third: Candle, long: float, short: float) -> int:
    star = first.white and first.body > long and second.black and second.body <= short and _gaps_up(first, second)
    covers = third.black and third.open > second.open and first.close < third.close < second.close
    return -100 if star and covers else 0


def _three_inside(first: Candle, second: Candle, third: Candle, long: float, short: float) -> int:
    harami = first.body > long and second.body <= short and second.top < first.top and second.bottom > first.bottom
    if not harami or third.white == first.white:
        return 0
    beyond = third.close < first.open if first.white else third.close > first.open
    # A third candle that closes beyond the first's open confirms, and so has to have the other colour.
    return -100 * first.sign if beyond else 0


def _three_outside(first: Candle, second: Candle, third: Candle) -> int:
    if first.white == second.white or not (second.top > first.top and second.bottom < first.bottom):
        return 0
    goes_on = third.close > second.close if second.white else third.close < second.close
    return 100 * second.sign if goes_on else 0


def _three_stars_in_the_south(
    first: Candle, second: Candle, third: Candle, long: float, none: float, none_too: float, short: float
) -> int:
    if not (first.black and second.black and third.black):
        return 0
    hammers = first.body > long and first.lower > first.body and second.lower > none
    smaller = second.body < first.body and first.close < second.open <= first.high
    holds = first.low <= second.low < first.close
    small = third.body < short and max(third.upper, third.lower) < none_too
    within = third.low > second.low and third.high < second.high
    return 100 if hammers and smaller and holds and small and within else 0


def _rise(first: Candle, second: Candle, third: Candle) -> bool:
    """Three white candles, each closing higher."""
    return first.white and second.white and third.white and first.close < second.close < third.close


def _opens_within(before: Candle, after: Candle, near: float) -> bool:
    """A white candle that opens above the open before and not far above the close before."""
    return before.open < after.open <= before.close + near


def _three_white_soldiers(first: Candle, second: Candle, third: Candle, *limits: float) -> int:
    none_1, none_2, none_3, near_1, near_2, far_1, far_2, short = limits
    rise = _rise(first, second, third) and _opens_within(first, second, near_1) and _opens_within(second, third, near_2)
    clean = first.upper < none_1 and second.upper < none_2 and third.upper < none_3
    # Bodies may shrink, but not far, and the last is not a short one.
    strong = second.body > first.body - far_1 and third.body > second.body - far_2 and third.body > short
    return 100 if rise and clean and strong else 0


def _advance_block(first: Candle, second: Candle, third: Candle, *limits: float) -> int:
    shadow_1, shadow_2, shadow_3, near_1, near_2, far_1, far_2, long = limits
    rise = _rise(first, second, third) and _opens_within(first, second, near_1) and _opens_within(second, third, near_2)
    if not (rise and first.body > long and first.upper < shadow_1):
        return 0
    shrinks = third.body < second.body
    weakens = (
        (second.body < first.body - far_1 and third.body < second.body + near_2)
        or third.body < second.body - far_2
        or (shrinks and second.body < first.body and (third.upper > shadow_3 or second.upper > shadow_2))
        or (shrinks and third.upper > third.body)
    )
    return -100 if weakens else 0


def _stalled_pattern(first: Candle, second: Candle, third: Candle, *limits: float) -> int:
    long_1, long_2, short, none, near_1, near_2 = limits
    rise = _rise(first, second, third) and _opens_within(first, second, near_1)
    long = first.body > long_1 and second.body > long_2 and second.upper < none
    # The small third body sits on the second's shoulder.
    small = third.body < short and third.open >= second.close - third.body - near_2
    return -100 if rise and long and small else 0


def _returns(first: Candle, third: Candle, penetration: float) -> bool:
    """The third candle, of the other colour, closes deeper in the first body than this part of it."""
    if first.white:
        return third.black and third.close < first.close - first.body * penetration
    return third.white and third.close > multiply_add(first.body, penetration, first.close)


def _evening_star(
    first: Candle, second: Candle, third: Candle, long: float, small: float, short: float, *, penetration: float
) -> int:
    star = first.white and first.body > long and second.body <= small and _gaps_up(first, second)
    return -100 if star and third.body > short and _returns(first, third, penetration) else 0


def _morning_star(
    first: Candle, second: Candle, third: Candle, long: float, small: float, short: float, *, penetration: float
) -> int:
    star = first.black and first.body > long and second.body <= small and _gaps_down(first, second)
    return 100 if star and third.body > short and _returns(first, third, penetration) else 0


def _abandoned_baby(
    first: Candle, second: Candle, third: Candle, long: float, doji: float, short: float, *, penetration: float
) -> int:
    if not (first.body > long and second.body <= doji and third.body > short):
        return 0
    if first.white:
        alone = second.low > first.high and third.high < second.low
    else:
        alone = second.high < first.low and third.low > second.high
    return 100 * third.sign if alone and _returns(first, third, penetration) else 0


def _gap_side_by_side_white(first: Candle, second: Candle, third: Candle, near: float, equal: float) -> int:
    up = _gaps_up(first, second) and _gaps_up(first, third)
    down = _gaps_down(first, second) and _gaps_down(first, third)
    alike = second.body - near <= third.body <= second.body + near
    level = second.open - equal <= third.open <= second.open + equal
    if not (second.white and third.white and alike and level and (up or down)):
        return 0
    return 100 if up else -100


def _tasuki_gap(first: Candle, second: Candle, third: Candle, near: float) -> int:
    if second.white == third.white or not abs(second.body - third.body) < near:
        return 0
    if second.white:
        holds = _gaps_up(first, second) and second.open < third.open < second.close and third.close > first.top
        return 100 if holds and third.close < second.open else 0
    holds = _gaps_down(first, second) and second.close < third.open < second.open and third.close < first.bottom
    return -100 if holds and third.close > second.open else 0


def _gap_three_methods(first: Candle, second: Candle, third: Candle) -> int:
    if first.white != second.white or second.white == third.white:
        return 0
    gap = _gaps_up(first, second) if first.white else _gaps_down(first, second)
    closes_it = second.bottom < third.open < second.top and first.bottom < third.close < first.top
    return 100 * first.sign if gap and closes_it else 0


def _identical_three_crows(first: Candle, second: Candle, third: Candle, *limits: float) -> int:
    none_1, none_2, none_3, equal_1, equal_2 = limits
    falls = first.black and second.black and third.black and first.close > second.close > third.close
    clean = first.lower < none_1 and second.lower < none_2 and third.lower < none_3
    level = first.close - equal_1 <= second.open <= first.close + equal_1
    level_too = second.close - equal_2 <= third.open <= second.close + equal_2
    return -100 if falls and clean and level and level_too else 0


def _stick_sandwich(first: Candle, second: Candle, third: Candle, equal: float) -> int:
    layers = first.black and second.white and third.black and second.low > first.close
    return 100 if layers and first.close - equal <= third.close <= first.close + equal else 0


def _tristar(first: Candle, second: Candle, third: Candle, doji: float) -> int:
    if max(first.body, second.body, third.body) > doji:
        return 0
    if _gaps_up(first, second):
        return -100 if third.top < second.top else 0
    return 100 if _gaps_down(first, second) and third.bottom > second.bottom else 0


def _unique_three_river(first: Candle, second: Candle, third: Candle, long: float, short: float) -> int:
    falls = first.black and first.body > long and second.black and second.low < first.low
    inside = first.close < second.close and second.open <= first.open
    small = third.white and third.body < short and third.open > second.low
    return 100 if falls and inside and small else 0


_EITHER = (100, -100)

PATTERNS = (
    Pattern(
        name="two_crows",
        looks="Over a long white candle a black one gaps up, and a second black one closes back inside the white body.",
        bars=3,
        answers=(-100,),
        predicate=_two_crows,
        limits=(LONG_BODY.back(2),),
    ),
    Pattern(
        name="upside_gap_two_crows",
        looks="Over a long white candle a short black one gaps up; a second black one covers it and keeps the gap.",
        bars=3,
        answers=(-100,),
        predicate=_upside_gap_two_crows,
        limits=(LONG_BODY.back(2), SHORT_BODY.back(1)),
    ),
    Pattern(
        name="three_inside",
        looks="A harami, and a third candle that closes beyond the open of the first.",
        bars=3,
        answers=_EITHER,
        predicate=_three_inside,
        limits=(LONG_BODY.back(2), SHORT_BODY.back(1)),
    ),
    Pattern(
        name="three_outside",
        looks="An engulfing candle, and a third that closes further in its direction.",
        bars=3,
        answers=_EITHER,
        predicate=_three_outside,
        waits=3,
    ),
    Pattern(
        name="three_stars_in_the_south",
        looks="Three black candles, each smaller than the one before and with a higher low, the last without shadows.",
        bars=3,
        answers=(100,),
        predicate=_three_stars_in_the_south,
        limits=(LONG_BODY.back(2), NO_SHADOW.back(1), NO_SHADOW.back(0), SHORT_BODY.back(0)),
    ),
    Pattern(
        name="three_white_soldiers",
        looks="Three white candles of like size, no upper shadows, each opening in the body before and closing higher.",
        bars=3,
        answers=(100,),
        predicate=_three_white_soldiers,
        limits=(
            *(NO_SHADOW.back(back) for back in (2, 1, 0)),
            *(NEAR.back(back) for back in (2, 1)),
            *(FAR.back(back) for back in (2, 1)),
            SHORT_BODY.back(0),
        ),
    ),
    Pattern(
        name="advance_block",
        looks="Three white candles that still close higher, but with shrinking bodies or growing upper shadows.",
        bars=3,
        answers=(-100,),
        predicate=_advance_block,
        limits=(
            *(SHORT_SHADOW.back(back) for back in (2, 1, 0)),
            *(NEAR.back(back) for back in (2, 1)),
            *(FAR.back(back) for back in (2, 1)),
            LONG_BODY.back(2),
        ),
    ),
    Pattern(
        name="stalled_pattern",
        looks="Two long white candles, and a small white one that rides on the shoulder of the second.",
        bars=3,
        answers=(-100,),
        predicate=_stalled_pattern,
        limits=(
            LONG_BODY.back(2),
            LONG_BODY.back(1),
            SHORT_BODY.back(0),
            NO_SHADOW.back(1),
            NEAR.back(2),
            NEAR.back(1),
        ),
    ),
    Pattern(
        name="evening_star",
        looks="A long white candle, a short body that gaps up, and a black one that closes deep in the first body.",
        bars=3,
        answers=(-100,),
        predicate=_evening_star,
        limits=(LONG_BODY.back(2), SHORT_BODY.back(1), SHORT_BODY.back(0)),
        penetration=0.3,
    ),
    Pattern(
        name="evening_doji_star",
        looks="An evening star whose middle candle is a doji.",
        bars=3,
        answers=(-100,),
        predicate=_evening_star,
        limits=(LONG_BODY.back(2), DOJI_BODY.back(1), SHORT_BODY.back(0)),
        penetration=0.3,
    ),
    Pattern(
        name="morning_star",
        looks="A long black candle, a short body that gaps down, and a white one that closes deep in the first body.",
        bars=3,
        answers=(100,),
        predicate=_morning_star,
        limits=(LONG_BODY.back(2), SHORT_BODY.back(1), SHORT_BODY.back(0)),
        penetration=0.3,
    ),
    Pattern(
        name="morning_doji_star",
        looks="A morning star whose middle candle is a doji.",
        bars=3,
        answers=(100,),
        predicate=_morning_star,
        limits=(LONG_BODY.back(2), DOJI_BODY.back(1), SHORT_BODY.back(0)),
        penetration=0.3,
    ),
    Pattern(
        name="abandoned_baby",
        looks="A star whose middle candle is a doji with a gap, shadows included, on both sides.",
        bars=3,
        answers=_EITHER,
        predicate=_abandoned_baby,
        limits=(LONG_BODY.back(2), DOJI_BODY.back(1), SHORT_BODY.back(0)),
        penetration=0.3,
    ),
    Pattern(
        name="gap_side_by_side_white",
        looks="After a gap two white candles of like size stand side by side and keep the gap open.",
        bars=3,
        answers=_EITHER,
        predicate=_gap_side_by_side_white,
        limits=(NEAR.back(1), EQUAL.back(1)),
    ),
    Pattern(
        name="tasuki_gap",
        looks="After a gap a candle of the other colour and like size comes back into the gap without closing it.",
        bars=3,
        answers=_EITHER,
        predicate=_tasuki_gap,
        limits=(NEAR.back(1),),
    ),
    Pattern(
        name="gap_three_methods",
        looks="Two candles of one colour with a gap between them, and one of the other colour that closes the gap.",
        bars=3,
        answers=_EITHER,
        predicate=_gap_three_methods,
    ),
    Pattern(
        name="identical_three_crows",
        looks="Three black candles with no lower shadows, each opening at the close before.",
        bars=3,
        answers=(-100,),
        predicate=_identical_three_crows,
        limits=(*(NO_SHADOW.back(back) for back in (2, 1, 0)), EQUAL.back(2), EQUAL.back(1)),
    ),
    Pattern(
        name="stick_sandwich",
        looks="Two black candles that close at the same price, with a white one above that price between them.",
        bars=3,
        answers=(100,),
        predicate=_stick_sandwich,
        limits=(EQUAL.back(2),),
    ),
    Pattern(
        name="tristar",
        looks="Three doji, the middle one away from the first by a gap and the third back again.",
        bars=3,
        answers=_EITHER,
        predicate=_tristar,
        limits=(DOJI_BODY.back(2),),
    ),
    Pattern(
        name="unique_three_river",
        looks="A long black candle, a black one inside its body with a new low, and a short white one above that low.",
        bars=3,
        answers=(100,),
        predicate=_unique_three_river,
        limits=(LONG_BODY.back(2), SHORT_BODY.back(0)),
    ),
)
