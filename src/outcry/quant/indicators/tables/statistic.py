"""Statistics of the last closes, and of two series together."""

from functools import partial

from outcry.quant.indicators.declaring import bars, from_talib, length, no_bars, period, share, talib_call
from outcry.quant.indicators.definition import Columns, Indicator, Input, Settings, Whole
from outcry.quant.indicators.strength import relative_strength

_LEAST_SQUARES = "Least squares (A.-M. Legendre, 1805)."
_PLAIN = "No single publication."
_PAIR: tuple[Input, ...] = ("close", "other")


def _beta(columns: Columns, whole: Whole, _: Settings) -> Columns:
    """The market comes first in TA-Lib: the slope of the second series' changes on the first one's."""
    close, other = columns
    return talib_call("BETA", (other, close), (whole["period"],))


_close = partial(from_talib, source=_PLAIN, group="statistic", inputs=("close",), series=True, warm_up=bars(less=1))
_line = partial(_close, source=_LEAST_SQUARES, parameters=period(14))
_extreme = partial(_close, parameters=period(30))

STATISTIC = (
    _line(
        "linearreg",
        "Linear regression",
        "Where a straight line through the last closes ends.",
        overlay=True,
        priced=True,
    ),
    _line(
        "linearreg_slope",
        "Slope of the regression",
        "How much a straight line through the last closes rises in a bar.",
        priced=True,
    ),
    _line(
        "linearreg_angle",
        "Angle of the regression",
        "The slope of a straight line through the last closes as an angle, in degrees.",
    ),
    _line(
        "linearreg_intercept",
        "Intercept of the regression",
        "Where a straight line through the last closes begins.",
        overlay=True,
        priced=True,
    ),
    _line(
        "tsf",
        "Time series forecast",
        "Where a straight line through the last closes will be at the next bar.",
        overlay=True,
        priced=True,
    ),
    _close(
        "stddev",
        "Standard deviation",
        "How far closes lie from their mean: the population's, times a factor.",
        parameters=(length("period", 5), share("deviations", 1, 0.1, 10)),
        priced=True,
    ),
    _close(
        "var",
        "Variance",
        "The mean square of the distance of closes from their mean: the population's.",
        parameters=period(5),
    ),
    _close(
        "avgdev",
        "Average deviation",
        "The mean distance of closes from their mean.",
        parameters=period(14),
        priced=True,
    ),
    _close(
        "percentile",
        "Percentile",
        "The close below which the given part, in percent, of the last closes lies: the nearest rank.",
        parameters=(length("period", 30), share("percentile", 50, 0, 100)),
        overlay=True,
        priced=True,
    ),
    _close(
        "percentrank",
        "Percent rank",
        "How many, in percent, of the closes before are lower than this one.",
        parameters=period(100),
        warm_up=bars(),
    ),
    _extreme("max", "Highest", "The highest close of the period.", overlay=True, priced=True),
    _extreme("min", "Lowest", "The lowest close of the period.", overlay=True, priced=True),
    _extreme(
        "minmax",
        "Lowest and highest",
        "The lowest and the highest close of the period.",
        outputs=("min", "max"),
        overlay=True,
        priced=True,
    ),
    _extreme("maxindex", "Number of the highest", "The number, counted from 0 at the first bar, of the highest close."),
    _extreme("minindex", "Number of the lowest", "The number, counted from 0 at the first bar, of the lowest close."),
    _extreme(
        "minmaxindex",
        "Numbers of lowest and highest",
        "The numbers, counted from 0 at the first bar, of the lowest and the highest close.",
        outputs=("min", "max"),
    ),
    _extreme("sum", "Sum", "The sum of the closes of the period.", priced=True),
    _close(
        "cumsum",
        "Running sum",
        "The sum of all closes from the first bar on.",
        parameters=(),
        warm_up=no_bars,
        priced=True,
    ),
    _close(
        "beta",
        "Beta",
        "How much the series moves, in percent, when the other one moves by one: the slope between their changes.",
        source="William F. Sharpe, Journal of Finance, September 1964.",
        inputs=_PAIR,
        parameters=period(5),
        warm_up=bars(),
        calculate=_beta,
    ),
    _close(
        "correl",
        "Correlation",
        "Pearson's correlation of the two series, from -1 to 1.",
        source="Karl Pearson, Proceedings of the Royal Society of London, 1895.",
        inputs=_PAIR,
        parameters=period(30),
    ),
    Indicator(
        name="relative_strength",
        title="Relative strength",
        summary="The close over the other series, and how far, in percent, that ratio lies over its own average.",
        source="Stan Weinstein, Secrets for Profiting in Bull and Bear Markets, 1988: Mansfield's form.",
        group="statistic",
        inputs=_PAIR,
        parameters=period(52),
        outputs=("ratio", "mansfield"),
        warm_up=bars(less=1),
        calculate=relative_strength,
        series=True,
        sparse=True,
    ),
)
