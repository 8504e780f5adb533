"""Patterns of four and five candles."""

from itertools import pairwise

from outcry.quant.indicators.streaming.candles import LONG_BODY, NEAR, NO_SHADOW, SHORT_BODY, Candle, Pattern

_Many = tuple[Candle, ...]


def _three_black_crows(
    before: Candle, first: Candle, second: Candle, third: Candle, none_1: float, none_2: float, none_3: float
) -> int:
    crows = before.white and first.black and second.black and third.black
    clean = first.lower < none_1 and second.lower < none_2 and third.lower < none_3
    opens_inside = first.close < second.open < first.open and second.close < third.open < second.open
    falls = before.high > first.close > second.close > third.close
    return -100 if crows and clean and opens_inside and falls else 0


def _three_line_strike(
    first: Candle, second: Candle, third: Candle, strike: Candle, near_1: float, near_2: float
) -> int:
    if not (first.white == second.white == third.white != strike.white):
        return 0
    opens_by_the_body = (
        first.bottom - near_1 <= second.open <= first.top + near_1
        and second.bottom - near_2 <= third.open <= second.top + near_2
    )
    if first.white:
        strikes = first.close < second.close < third.close < strike.open and strike.close < first.open
    else:
        strikes = first.close > second.close > third.close > strike.open and strike.close > first.open
    return 100 * third.sign if opens_by_the_body and strikes else 0


def _concealing_baby_swallow(
    first: Candle, second: Candle, third: Candle, last: Candle, none_1: float, none_2: float, none_3: float
) -> int:
    if not (first.black and second.black and third.black and last.black):
        return 0
    marubozu = max(first.upper, first.lower) < none_1 and max(second.upper, second.lower) < none_2
    # The third gaps down, and its upper shadow reaches back into the second body.
    reaches_back = third.top < second.bottom and third.upper > none_3 and third.high > second.close
    return 100 if marubozu and reaches_back and last.high > third.high and last.low < third.low else 0


def _breakaway(first: Candle, second: Candle, third: Candle, fourth: Candle, last: Candle, long: float) -> int:
    if not (first.body > long and first.white == second.white == fourth.white != last.white):
        return 0
    if first.white:
        gap = second.bottom > first.top
        goes_on = second.high < third.high < fourth.high and second.low < third.low < fourth.low
        into_the_gap = first.close < last.close < second.open
    else:
        gap = second.top < first.bottom
        goes_on = second.high > third.high > fourth.high and second.low > third.low > fourth.low
        into_the_gap = second.open < last.close < first.close
    return 100 * last.sign if gap and goes_on and into_the_gap else 0


def _ladder_bottom(first: Candle, second: Candle, third: Candle, fourth: Candle, last: Candle, none: float) -> int:
    black = first.black and second.black and third.black and fourth.black
    falls = first.open > second.open > third.open and first.close > second.close > third.close
    turns = last.white and last.open > fourth.open and last.close > fourth.high
    return 100 if black and falls and fourth.upper > none and turns else 0


def _mat_hold(
    first: Candle, second: Candle, third: Candle, fourth: Candle, last: Candle, *limits: float, penetration: float
) -> int:
    long, short_1, short_2, short_3 = limits
    rest = second.body < short_1 and third.body < short_2 and fourth.body < short_3
    if not (first.body > long and rest and first.white and second.black and last.white):
        return 0
    floor = first.close - first.body * penetration
    comes_back = floor < third.bottom < first.close and floor < fourth.bottom < first.close
    steps_down = second.bottom > first.top and third.top < second.open and fourth.top < third.top
    breaks_out = last.open > fourth.close and last.close > max(second.high, third.high, fourth.high)
    return 100 if comes_back and steps_down and breaks_out else 0


def _three_methods(first: Candle, second: Candle, third: Candle, fourth: Candle, last: Candle, *limits: float) -> int:
    short_1, short_2, short_3, long_1, long_2 = limits
    rest = second.body < short_1 and third.body < short_2 and fourth.body < short_3
    if not (first.body > long_1 and rest and last.body > long_2):
        return 0
    if not (second.white == third.white == fourth.white != first.white == last.white):
        return 0
    sign = first.sign
    held = all(candle.bottom < first.high and candle.top > first.low for candle in (second, third, fourth))
    against = all(after.close * sign < before.close * sign for before, after in pairwise((second, third, fourth)))
    goes_on = last.open * sign > fourth.close * sign and last.close * sign > first.close * sign
    return 100 * sign if held and against and goes_on else 0


_EITHER = (100, -100)

PATTERNS = (
    Pattern(
        name="three_black_crows",
        looks="After a white candle three black ones with no lower shadows, each opening in the body before.",
        bars=4,
        answers=(-100,),
        predicate=_three_black_crows,
        limits=tuple(NO_SHADOW.back(back) for back in (2, 1, 0)),
    ),
    Pattern(
        name="three_line_strike",
        looks="Three candles that go on in one colour, and one of the other colour that takes all three back.",
        bars=4,
        answers=_EITHER,
        predicate=_three_line_strike,
        limits=(NEAR.back(3), NEAR.back(2)),
    ),
    Pattern(
        name="concealing_baby_swallow",
        looks="Two black marubozu, a black one with an upper shadow after a gap down, and one that swallows it.",
        bars=4,
        answers=(100,),
        predicate=_concealing_baby_swallow,
        limits=tuple(NO_SHADOW.back(back) for back in (3, 2, 1)),
    ),
    Pattern(
        name="breakaway",
        looks="A long candle, a gap and three that go further, and a last one that comes back into the gap.",
        bars=5,
        answers=_EITHER,
        predicate=_breakaway,
        limits=(LONG_BODY.back(4),),
    ),
    Pattern(
        name="ladder_bottom",
        looks="Three black candles down, a black one with an upper shadow, and a white one that closes above its high.",
        bars=5,
        answers=(100,),
        predicate=_ladder_bottom,
        limits=(NO_SHADOW.back(1),),
    ),
    Pattern(
        name="mat_hold",
        looks="A long white candle, three short ones that come back a part of it after a gap, and a new high.",
        bars=5,
        answers=(100,),
        predicate=_mat_hold,
        limits=(LONG_BODY.back(4), *(SHORT_BODY.back(back) for back in (3, 2, 1))),
        penetration=0.5,
    ),
    Pattern(
        name="rise_fall_three_methods",
        looks="A long candle, three short ones of the other colour inside its range, and a long one that goes on.",
        bars=5,
        answers=_EITHER,
        predicate=_three_methods,
        limits=(*(SHORT_BODY.back(back) for back in (3, 2, 1)), LONG_BODY.back(4), LONG_BODY.back(0)),
    ),
)
