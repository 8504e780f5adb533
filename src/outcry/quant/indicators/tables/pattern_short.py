"""Candle patterns of one bar and of two: 100 where a rising one ends, -100 where a falling one ends, 0 elsewhere.

Those without a direction give 100, or the sign of their colour. `engulfing`, `harami` and `harami_cross` give 80 or -80
where the two bodies share an end. What is long, short, near or equal is TA-Lib's: beside the mean of the last 5 or 10
bars.
"""

from outcry.quant.indicators.declaring import pattern

_NISON = "Steve Nison, Japanese Candlestick Charting Techniques, 1991."
_MORRIS = "Gregory L. Morris, CandlePower, 1992."

PATTERN_SHORT = (
    pattern(
        "belt_hold",
        "BELTHOLD",
        10,
        "Belt-hold",
        "A long body that opens at its end of the bar and hardly has a shadow there.",
        _NISON,
    ),
    pattern(
        "closing_marubozu",
        "CLOSINGMARUBOZU",
        10,
        "Closing marubozu",
        "A long body with no shadow where it closes.",
        _NISON,
    ),
    pattern(
        "counterattack",
        "COUNTERATTACK",
        11,
        "Counterattack",
        "Two long bodies of opposite colours that close at the same price.",
        _NISON,
    ),
    pattern(
        "dark_cloud_cover",
        "DARKCLOUDCOVER",
        11,
        "Dark cloud cover",
        "A black body that opens above a long white bar and closes deep in its body: bearish.",
        _NISON,
        0.5,
    ),
    pattern("doji", "DOJI", 10, "Doji", "Open and close are nearly the same: neither side won.", _NISON),
    pattern(
        "doji_star",
        "DOJISTAR",
        11,
        "Doji star",
        "A doji beyond a long body, with a gap between the bodies: a warning of a turn.",
        _NISON,
    ),
    pattern(
        "dragonfly_doji", "DRAGONFLYDOJI", 10, "Dragonfly doji", "A doji at its high with a long lower shadow.", _NISON
    ),
    pattern(
        "engulfing",
        "ENGULFING",
        2,
        "Engulfing",
        "A body that covers the whole of the last body, which had the other colour: a turn.",
        _NISON,
    ),
    pattern(
        "gravestone_doji",
        "GRAVESTONEDOJI",
        10,
        "Gravestone doji",
        "A doji at its low with a long upper shadow.",
        _NISON,
    ),
    pattern(
        "hammer",
        "HAMMER",
        11,
        "Hammer",
        "A small body near the low of the bar before, with a long lower shadow and no upper one: bullish.",
        _NISON,
    ),
    pattern(
        "hanging_man",
        "HANGINGMAN",
        11,
        "Hanging man",
        "A small body near the high of the bar before, with a long lower shadow and no upper one: bearish.",
        _NISON,
    ),
    pattern("harami", "HARAMI", 11, "Harami", "A small body inside the last, long one: a turn.", _NISON),
    pattern("harami_cross", "HARAMICROSS", 11, "Harami cross", "A doji inside the last, long body: a turn.", _NISON),
    pattern("high_wave", "HIGHWAVE", 10, "High wave", "A short body between two very long shadows.", _NISON),
    pattern(
        "homing_pigeon",
        "HOMINGPIGEON",
        11,
        "Homing pigeon",
        "A small black body inside the last, long black one: the fall ends.",
        _MORRIS,
    ),
    pattern(
        "in_neck",
        "INNECK",
        11,
        "In-neck",
        "A white body after a long black one that closes just at its close: the fall goes on.",
        _NISON,
    ),
    pattern(
        "inverted_hammer",
        "INVERTEDHAMMER",
        11,
        "Inverted hammer",
        "A small body below the last, with a long upper shadow and no lower one: bullish.",
        _NISON,
    ),
    pattern(
        "kicking",
        "KICKING",
        11,
        "Kicking",
        "Two bars without shadows, of opposite colours, with a gap between them.",
        _MORRIS,
    ),
    pattern(
        "kicking_by_length",
        "KICKINGBYLENGTH",
        11,
        "Kicking, by length",
        "Kicking, with the direction of the longer of the two bars.",
        _MORRIS,
    ),
    pattern(
        "long_legged_doji", "LONGLEGGEDDOJI", 10, "Long-legged doji", "A doji with at least one long shadow.", _NISON
    ),
    pattern("long_line", "LONGLINE", 10, "Long line", "A long body with short shadows.", _MORRIS),
    pattern("marubozu", "MARUBOZU", 10, "Marubozu", "A long body with no shadows.", _NISON),
    pattern(
        "matching_low",
        "MATCHINGLOW",
        6,
        "Matching low",
        "Two black bodies in a row with the same close: the fall ends.",
        _MORRIS,
    ),
    pattern(
        "on_neck",
        "ONNECK",
        11,
        "On-neck",
        "A white body after a long black one that closes at its low: the fall goes on.",
        _NISON,
    ),
    pattern(
        "piercing",
        "PIERCING",
        11,
        "Piercing line",
        "A white body that opens below a long black bar and closes above the middle of its body: bullish.",
        _NISON,
    ),
    pattern(
        "rickshaw_man",
        "RICKSHAWMAN",
        10,
        "Rickshaw man",
        "A doji in the middle of its bar, with two long shadows.",
        _NISON,
    ),
    pattern(
        "separating_lines",
        "SEPARATINGLINES",
        11,
        "Separating lines",
        "Two bodies of opposite colours that open at the same price: the trend of the second goes on.",
        _NISON,
    ),
    pattern(
        "shooting_star",
        "SHOOTINGSTAR",
        11,
        "Shooting star",
        "A small body above the last, with a long upper shadow and no lower one: bearish.",
        _NISON,
    ),
    pattern("short_line", "SHORTLINE", 10, "Short line", "A short body with short shadows.", _MORRIS),
    pattern(
        "spinning_top", "SPINNINGTOP", 10, "Spinning top", "A short body between two shadows that are longer.", _NISON
    ),
    pattern("takuri", "TAKURI", 10, "Takuri", "A dragonfly doji whose lower shadow is very long.", _NISON),
    pattern(
        "thrusting",
        "THRUSTING",
        11,
        "Thrusting",
        "A white body after a long black one that closes in it, below its middle: the fall goes on.",
        _NISON,
    ),
)
