"""A technical summary of bars. Pure: bars in, figures and sentences out."""

from outcry.kit.errors import NotFoundError
from outcry.kit.market import Bars, Timeframe, from_micros
from outcry.services.charts.contracts import Adjustment, Instrument, TechnicalSummary
from outcry.services.charts.summary.figures import Readings
from outcry.services.charts.summary.rules import SECTIONS


def summarise(
    instrument: Instrument, timeframe: Timeframe, adjustment: Adjustment, bars: Bars, *, closed: bool
) -> TechnicalSummary:
    """Return the summary; raises NotFoundError where there are no bars."""
    if not len(bars):
        raise NotFoundError(f"There are no bars of {instrument.symbol}.")
    read = Readings(bars)
    return TechnicalSummary(
        symbol=instrument.symbol,
        name=instrument.name,
        timeframe=timeframe,
        adjustment=adjustment,
        as_of=from_micros(int(bars.time[-1])),
        closed=closed,
        bars=len(bars),
        sections=tuple(section(read) for section in SECTIONS),
    )
