"""The tools of the Fast mode: what a model may ask of the market. Their docstrings are what the model reads."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from pydantic_ai import RunContext, Tool

from outcry.kit.clock import Clock, SystemClock
from outcry.kit.errors import OutcryError
from outcry.services.ai.audience import Audience
from outcry.services.ai.errands import NO_ERRAND, Errand
from outcry.services.ai.findings import compared, indicator_found, performance_found, quoted, searched, summarised
from outcry.services.ai.market import Market, NoDataError
from outcry.services.ai.periods import PeriodError
from outcry.services.ai.sources import Call, SourceLog
from outcry.services.ai.technicals import technicals_found
from outcry.services.charts.contracts import ChartsFacade

Result = dict[str, Any]
Symbol = Annotated[str, Field(max_length=32)]
PeriodText = Annotated[str, Field(max_length=80)]
TimeframeName = Literal["1m", "5m", "15m", "1h", "4h", "1d", "1w", "1M"]
IndicatorName = Annotated[str, Field(max_length=40, pattern="^[A-Za-z][A-Za-z0-9_]*$")]


@dataclass(slots=True)
class Desk:
    """What the tools of one answer share: whose data they read, for whom, their log, and whom to tell what they do.

    ``errand`` is what whoever asked may tell the assistant to do; ``since`` is where a summary begins that is due.
    """

    tenant_id: UUID
    charts: ChartsFacade
    audience: Audience
    errand: Errand = NO_ERRAND
    clock: Clock = field(default_factory=SystemClock)
    since: datetime | None = None
    log: SourceLog = field(default_factory=SourceLog)
    on_activity: Callable[[str], None] = lambda _: None

    @property
    def market(self) -> Market:
        """Return the organisation's view of the market."""
        return Market(self.charts, self.tenant_id)


# What everybody in the room has to be allowed for a tool to be used there.
PERMISSIONS = {
    "search_instruments": "charts:instrument:read",
    "quote": "charts:bars:read",
    "bars_summary": "charts:bars:read",
    "indicator": "charts:indicator:read",
    "performance": "charts:bars:read",
    "compare": "charts:bars:read",
    "technical_summary": "charts:indicator:read",
    "search_messages": "chat:message:read",
    "summarise_room": "chat:message:read",
    # What only the person who asks needs a right to is looked at with them.
    "propose_duty": "chat:message:read",
    "confirm_duty": "chat:message:read",
}
_NOT_FOR_ALL = "Not everybody in this room may see that, so I do not look it up here. Ask me in a private conversation."


async def logged(
    desk: Desk, tool: str, title: str, arguments: Result, find: Callable[[Call], Awaitable[Result]]
) -> Result:
    """Run one call and keep its result; what cannot be answered becomes a sentence, never an exception.

    It is not run where somebody in the room may not see what it returns.
    """
    call = desk.log.begin(tool, title, arguments)
    desk.on_activity(title)
    try:
        allowed = await desk.audience.may(PERMISSIONS[tool])
        call.result = await find(call) if allowed else {"error": _NOT_FOR_ALL}
    except (NoDataError, PeriodError) as error:
        call.result = {"error": str(error)}
    except OutcryError as error:
        call.result = {"error": error.detail}
    return call.result


async def search_instruments(
    context: RunContext[Desk],
    query: Annotated[str, Field(max_length=80)],
    limit: Annotated[int, Field(ge=1, le=25)] = 8,
) -> Result:
    """Find instruments by symbol, company name or alias. Use it before other tools when you only have a name.

    Args:
        query: a symbol or name, such as "AAPL", "coca-cola" or "s&p 500"; empty lists all instruments by symbol.
        limit: most instruments to return.

    Returns:
        {"query", "count", "instruments": [{"symbol", "name", "aliases", "kind", "exchange", "currency", "first_date",
        "last_date", "timeframes"}]}, best match first; "near" instead lists similar names when nothing fits.
    """
    return await logged(
        context.deps,
        "search_instruments",
        f"Looking for “{query}”" if query else "Listing the instruments",
        {"query": query, "limit": limit},
        lambda call: searched(context.deps.market, call, query, limit),
    )


async def quote(
    context: RunContext[Desk], symbols: Annotated[list[Symbol], Field(min_length=1, max_length=10)]
) -> Result:
    """Return the newest recorded price of instruments, with the change since the close of the session before.

    Args:
        symbols: exact symbols, such as ["AAPL", "MSFT"].

    Returns:
        {"quotes": [{"symbol", "name", "currency", "date", "timeframe", "price", "open", "high", "low", "volume",
        "previous_close", "change", "change_percent"}]}. The price is as of "date", not of this moment.
    """
    return await logged(
        context.deps,
        "quote",
        f"Newest price of {', '.join(symbols)}",
        {"symbols": symbols},
        lambda call: quoted(context.deps.market, call, symbols),
    )


async def bars_summary(context: RunContext[Desk], symbol: Symbol, period: PeriodText = "this year") -> Result:
    """Summarise an instrument's daily bars over a period: open, close, highest high, lowest low, volumes, with dates.

    Args:
        symbol: exact symbol.
        period: in words, counted from the newest bar: "latest session", "this year", "last 30 days", "past 3 months",
            "last year", "March 2017", "2016", "since 2015", "from 2014-01-02 to 2015-03-01", "all time".

    Returns:
        {"symbol", "name", "currency", "period", "from_date", "to_date", "bars", "open", "high", "high_date", "low",
        "low_date", "close", "volume_total", "volume_average", "volume_highest", "volume_highest_date", "rows": the
        newest few bars}.
    """
    return await logged(
        context.deps,
        "bars_summary",
        f"Reading the bars of {symbol}, {period}",
        {"symbol": symbol, "period": period},
        lambda call: summarised(context.deps.market, call, symbol, period),
    )


async def indicator(
    context: RunContext[Desk],
    symbol: Symbol,
    name: IndicatorName,
    parameters: Annotated[dict[Annotated[str, Field(max_length=24)], float], Field(max_length=8)] | None = None,
    timeframe: TimeframeName = "1d",
    on: Annotated[str, Field(max_length=40)] = "",
) -> Result:
    """Compute a technical indicator and return its newest value, and the last few values beside their closes.

    Args:
        symbol: exact symbol.
        name: which indicator: sma, ema, wma, rsi, macd, bbands, atr, stoch, adx, obv, cci, mfi, or any other of the
            catalogue by TA-Lib's name in lower case, such as willr or natr; candle patterns by theirs, such as hammer.
        parameters: its settings; leave out for the usual ones. sma, ema, wma, rsi, atr, adx, cci, mfi: {"period"};
            macd: {"fast", "slow", "signal"}; bbands: {"period", "deviations"};
            stoch: {"period", "smoothing", "signal"}; obv: none.
        timeframe: bar length; "1d" is daily, "1M" monthly, "1m" one minute.
        on: a date such as "2016-05-02" to get the value of that day; empty for the newest.

    Returns:
        {"symbol", "name", "indicator", "title", "timeframe", "parameters", "date", "close", "values": {output: value},
        "rows": [{"date", "close", output: value}]}; RSI and MFI also carry "overbought_above" and "oversold_below".
    """
    arguments: Result = {"symbol": symbol, "name": name, "parameters": parameters or {}, "timeframe": timeframe}
    if on:
        arguments["on"] = on
    numbers = ", ".join(f"{value:g}" for value in (parameters or {}).values())
    title = f"Computing {name.upper()}{f' ({numbers})' if numbers else ''} of {symbol}"
    return await logged(
        context.deps, "indicator", title, arguments, lambda call: indicator_found(context.deps.market, call, arguments)
    )


async def performance(context: RunContext[Desk], symbol: Symbol, period: PeriodText = "this year") -> Result:
    """Return how one instrument did over a period. For two or more instruments use compare.

    Args:
        symbol: exact symbol.
        period: in words, counted from the newest bar; see bars_summary.

    Returns:
        {"symbol", "name", "currency", "period", "from_date", "from_close", "to_date", "to_close", "change",
        "change_percent", "high", "high_date", "low", "low_date", "max_drawdown_percent", "volatility_percent" (a year),
        "bars", "total_return_percent" (dividends reinvested, where known)}. Change is counted from the last close
        before the period.
    """
    return await logged(
        context.deps,
        "performance",
        f"Measuring {symbol}, {period}",
        {"symbol": symbol, "period": period},
        lambda call: performance_found(context.deps.market, call, symbol, period),
    )


async def compare(
    context: RunContext[Desk],
    symbols: Annotated[list[Symbol], Field(min_length=2, max_length=6)],
    period: PeriodText = "this year",
) -> Result:
    """Compare how two to six instruments did over the same period.

    Args:
        symbols: exact symbols.
        period: in words, counted from the newest bar that all of them have; see bars_summary.

    Returns:
        {"period", "to_date", "items": [as performance returns, best first], "leader", "laggard",
        "difference_percentage_points": change of the leader less that of the laggard}.
    """
    return await logged(
        context.deps,
        "compare",
        f"Comparing {' and '.join(symbols)}, {period}",
        {"symbols": symbols, "period": period},
        lambda call: compared(context.deps.market, call, symbols, period),
    )


async def technical_summary(context: RunContext[Desk], symbol: Symbol, timeframe: TimeframeName = "1d") -> Result:
    """Summarise an instrument technically at its newest bar, by fixed rules: what charts say, never what to do.

    Args:
        symbol: exact symbol.
        timeframe: bar length; "1d" is daily, "1w" weekly.

    Returns:
        {"symbol", "name", "currency", "timeframe", "date", "closed", "bars", "sections": {"trend", "momentum",
        "volatility", "volume", "levels": each {"verdict", "sentence", "figures": {key: {"label", "value" or
        "value_percent", "unit", "from", "parameters"}}}}}. Cite the figures; a
        verdict of "unknown" says that there are too few bars.
    """
    return await logged(
        context.deps,
        "technical_summary",
        f"Summarising {symbol}, {timeframe}",
        {"symbol": symbol, "timeframe": timeframe},
        lambda call: technicals_found(context.deps.market, call, symbol, timeframe),
    )


TOOLS: tuple[Tool[Desk], ...] = tuple(
    Tool(function, docstring_format="google", require_parameter_descriptions=True)
    for function in (search_instruments, quote, bars_summary, indicator, performance, compare, technical_summary)
)
