"""Patterns of one candle, some of them in their place against the candle before."""

from outcry.quant.indicators.streaming.candles import (
    DOJI_BODY,
    LONG_BODY,
    NEAR,
    NO_SHADOW,
    SHORT_BODY,
    SHORT_SHADOW,
    Candle,
    Pattern,
)


def _belt_hold(candle: Candle, long: float, none: float) -> int:
    opening_shadow = candle.lower if candle.white else candle.upper
    return 100 * candle.sign if candle.body > long and opening_shadow < none else 0


def _closing_marubozu(candle: Candle, long: float, none: float) -> int:
    closing_shadow = candle.upper if candle.white else candle.lower
    return 100 * candle.sign if candle.body > long and closing_shadow < none else 0


def _marubozu(candle: Candle, long: float, none: float) -> int:
    return 100 * candle.sign if candle.body > long and candle.upper < none and candle.lower < none else 0


def _long_line(candle: Candle, long: float, short: float) -> int:
    return 100 * candle.sign if candle.body > long and candle.upper < short and candle.lower < short else 0


def _short_line(candle: Candle, body: float, shadow: float) -> int:
    return 100 * candle.sign if candle.body < body and candle.upper < shadow and candle.lower < shadow else 0


def _spinning_top(candle: Candle, short: float) -> int:
    return 100 * candle.sign if candle.body < short and min(candle.upper, candle.lower) > candle.body else 0


def _high_wave(candle: Candle, short: float) -> int:
    return 100 * candle.sign if candle.body < short and min(candle.upper, candle.lower) > 2 * candle.body else 0


def _doji(candle: Candle, doji: float) -> int:
    return 100 if candle.body <= doji else 0


def _dragonfly_doji(candle: Candle, doji: float, none: float) -> int:
    return 100 if candle.body <= doji and candle.upper < none and candle.lower > none else 0


def _gravestone_doji(candle: Candle, doji: float, none: float) -> int:
    return 100 if candle.body <= doji and candle.lower < none and candle.upper > none else 0


def _long_legged_doji(candle: Candle, doji: float) -> int:
    return 100 if candle.body <= doji and max(candle.upper, candle.lower) > candle.body else 0


def _rickshaw_man(candle: Candle, doji: float, near: float) -> int:
    middle = candle.low + candle.range / 2
    central = candle.bottom <= middle + near and candle.top >= middle - near
    return 100 if candle.body <= doji and min(candle.upper, candle.lower) > candle.body and central else 0


def _takuri(candle: Candle, doji: float, none: float) -> int:
    return 100 if candle.body <= doji and candle.upper < none and candle.lower > 2 * candle.body else 0


def _hangs(candle: Candle, short: float, none: float) -> bool:
    return candle.body < short and candle.lower > candle.body and candle.upper < none


def _stands(candle: Candle, short: float, none: float) -> bool:
    return candle.body < short and candle.upper > candle.body and candle.lower < none


def _hammer(before: Candle, candle: Candle, short: float, none: float, near: float) -> int:
    return 100 if _hangs(candle, short, none) and candle.bottom <= before.low + near else 0


def _hanging_man(before: Candle, candle: Candle, short: float, none: float, near: float) -> int:
    return -100 if _hangs(candle, short, none) and candle.bottom >= before.high - near else 0


def _inverted_hammer(before: Candle, candle: Candle, short: float, none: float) -> int:
    return 100 if _stands(candle, short, none) and candle.top < before.bottom else 0


def _shooting_star(before: Candle, candle: Candle, short: float, none: float) -> int:
    return -100 if _stands(candle, short, none) and candle.bottom > before.top else 0


_EITHER = (100, -100)

PATTERNS = (
    Pattern(
        name="belt_hold",
        looks="A long candle that opens at its extreme, with no shadow on the side of the open.",
        bars=1,
        answers=_EITHER,
        predicate=_belt_hold,
        limits=(LONG_BODY.back(0), NO_SHADOW.back(0)),
    ),
    Pattern(
        name="closing_marubozu",
        looks="A long candle that closes at its extreme, with no shadow on the side of the close.",
        bars=1,
        answers=_EITHER,
        predicate=_closing_marubozu,
        limits=(LONG_BODY.back(0), NO_SHADOW.back(0)),
    ),
    Pattern(
        name="marubozu",
        looks="A long candle with no shadow at either end.",
        bars=1,
        answers=_EITHER,
        predicate=_marubozu,
        limits=(LONG_BODY.back(0), NO_SHADOW.back(0)),
    ),
    Pattern(
        name="long_line",
        looks="A long body with short shadows.",
        bars=1,
        answers=_EITHER,
        predicate=_long_line,
        limits=(LONG_BODY.back(0), SHORT_SHADOW.back(0)),
    ),
    Pattern(
        name="short_line",
        looks="A short body with short shadows.",
        bars=1,
        answers=_EITHER,
        predicate=_short_line,
        limits=(SHORT_BODY.back(0), SHORT_SHADOW.back(0)),
        directed=False,
    ),
    Pattern(
        name="spinning_top",
        looks="A short body between two shadows, each longer than it.",
        bars=1,
        answers=_EITHER,
        predicate=_spinning_top,
        limits=(SHORT_BODY.back(0),),
        directed=False,
    ),
    Pattern(
        name="high_wave",
        looks="A short body between two shadows, each more than twice as long.",
        bars=1,
        answers=_EITHER,
        predicate=_high_wave,
        limits=(SHORT_BODY.back(0),),
        directed=False,
    ),
    Pattern(
        name="doji",
        looks="The open and the close are all but the same.",
        bars=1,
        answers=(100,),
        predicate=_doji,
        limits=(DOJI_BODY.back(0),),
        directed=False,
    ),
    Pattern(
        name="dragonfly_doji",
        looks="A doji at the top of its range: a lower shadow and no upper one.",
        bars=1,
        answers=(100,),
        predicate=_dragonfly_doji,
        limits=(DOJI_BODY.back(0), NO_SHADOW.back(0)),
        directed=False,
    ),
    Pattern(
        name="gravestone_doji",
        looks="A doji at the bottom of its range: an upper shadow and no lower one.",
        bars=1,
        answers=(100,),
        predicate=_gravestone_doji,
        limits=(DOJI_BODY.back(0), NO_SHADOW.back(0)),
        directed=False,
    ),
    Pattern(
        name="long_legged_doji",
        looks="A doji with at least one shadow longer than its body.",
        bars=1,
        answers=(100,),
        predicate=_long_legged_doji,
        limits=(DOJI_BODY.back(0),),
        directed=False,
    ),
    Pattern(
        name="rickshaw_man",
        looks="A doji near the middle of its range, with a shadow on both sides.",
        bars=1,
        answers=(100,),
        predicate=_rickshaw_man,
        limits=(DOJI_BODY.back(0), NEAR.back(0)),
        directed=False,
    ),
    Pattern(
        name="takuri",
        looks="A dragonfly doji whose lower shadow is more than twice its body.",
        bars=1,
        answers=(100,),
        predicate=_takuri,
        limits=(DOJI_BODY.back(0), NO_SHADOW.back(0)),
        directed=False,
    ),
    Pattern(
        name="hammer",
        looks="A short body over a longer lower shadow, with no upper one, close to the low before.",
        bars=2,
        answers=(100,),
        predicate=_hammer,
        limits=(SHORT_BODY.back(0), NO_SHADOW.back(0), NEAR.back(1)),
    ),
    Pattern(
        name="hanging_man",
        looks="A short body over a longer lower shadow, with no upper one, close to the high before or above it.",
        bars=2,
        answers=(-100,),
        predicate=_hanging_man,
        limits=(SHORT_BODY.back(0), NO_SHADOW.back(0), NEAR.back(1)),
    ),
    Pattern(
        name="inverted_hammer",
        looks="A short body under a longer upper shadow, with no lower one, that gaps down.",
        bars=2,
        answers=(100,),
        predicate=_inverted_hammer,
        limits=(SHORT_BODY.back(0), NO_SHADOW.back(0)),
    ),
    Pattern(
        name="shooting_star",
        looks="A short body under a longer upper shadow, with no lower one, that gaps up.",
        bars=2,
        answers=(-100,),
        predicate=_shooting_star,
        limits=(SHORT_BODY.back(0), NO_SHADOW.back(0)),
    ),
)
