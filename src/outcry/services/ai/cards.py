"""The small charts inside an answer, one for each indicator, performance or comparison that was asked for."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from outcry.kit.market import Timeframe
from outcry.services.chat.contracts import ChartCard

# What a small chart shows well: enough bars to see the shape, few enough to see each.
_BARS_SHOWN = 120
MOST_CARDS = 4


def midnight(day: date) -> datetime:
    """Return the start of a day in UTC, which is what daily bars are stamped with."""
    return datetime.combine(day, time(), tzinfo=UTC)


def performance_card(symbols: tuple[str, ...], *, first: date, last: date) -> ChartCard:
    """Return the chart of a performance, of a comparison where there are several symbols."""
    return ChartCard(
        symbols=symbols,
        timeframe=Timeframe.D1.value,
        start=midnight(first),
        end=midnight(last + timedelta(days=1)),
        compare=len(symbols) > 1,
    )


def indicator_card(
    symbol: str, timeframe: Timeframe, *, name: str, parameters: dict[str, Any], last: datetime
) -> ChartCard:
    """Return the chart of an indicator: the bars up to the value that was given."""
    return ChartCard(
        symbols=(symbol,),
        timeframe=timeframe.value,
        start=last - _BARS_SHOWN * timeframe.duration,
        end=last + timeframe.duration,
        indicators=({"name": name, "parameters": parameters},),
    )


def summary_card(symbol: str, timeframe: Timeframe, *, last: datetime) -> ChartCard:
    """Return the chart of a technical summary: the bars with the averages and the RSI that it speaks of."""
    averages = tuple({"name": "sma", "parameters": {"period": period}} for period in (50, 200))
    return ChartCard(
        symbols=(symbol,),
        timeframe=timeframe.value,
        start=last - _BARS_SHOWN * timeframe.duration,
        end=last + timeframe.duration,
        indicators=(*averages, {"name": "rsi", "parameters": {"period": 14}}),
    )
