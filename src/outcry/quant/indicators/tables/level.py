"""Prices at which something turned, or may turn again."""

from outcry.quant.indicators.declaring import from_talib, length

LEVEL = (
    from_talib(
        "fractal",
        "Williams fractal",
        "100 on the bar that confirms a high above its neighbours on both sides, and a low below them.",
        "Bill Williams, Trading Chaos, 1995.",
        "level",
        ("high", "low"),
        (length("left", 2, least=1), length("right", 2, least=1)),
        lambda whole: whole["left"] + whole["right"],
        outputs=("high", "low"),
    ),
)
