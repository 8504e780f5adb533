"""What each tool finds, as small JSON objects: dates ISO, percentages in percent under names ending in _percent."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import numpy as np

from outcry.kit.market import Timeframe
from outcry.services.ai import performance as measure
from outcry.services.ai.cards import indicator_card, midnight, performance_card
from outcry.services.ai.market import Market, NoDataError
from outcry.services.ai.performance import Sessions
from outcry.services.ai.periods import parse_day, parse_period
from outcry.services.ai.sources import Call
from outcry.services.charts.contracts import IndicatorSeries, Instrument, Quote

Result = dict[str, Any]
_ROWS = 5
# The usual marks of the two bounded oscillators (Wilder, New Concepts in Technical Trading Systems, 1978).
_MARKS = {"rsi": (70, 30), "mfi": (80, 20)}


def _number(value: float) -> float:
    """A price or volume without the noise of binary fractions."""
    return float(round(value, 6))


def _percent(value: float) -> float:
    return float(round(value, 4))


def _identity(instrument: Instrument) -> Result:
    return {"symbol": instrument.symbol, "name": instrument.name, "currency": instrument.currency}


async def searched(market: Market, call: Call, query: str, limit: int) -> Result:
    """Return the instruments that fit a query."""
    found = await market.charts.search(tenant_id=market.tenant_id, query=query, limit=limit)
    result: Result = {"query": query, "count": len(found), "instruments": [_listed(each) for each in found]}
    if not found:
        result["near"] = await _similar(market, query)
    return result


async def _similar(market: Market, query: str) -> list[Result]:
    """Instruments whose first letters fit, so that one mistyped letter further on is forgiven."""
    for length in range(min(len(query) - 1, 8), 2, -1):
        found = await market.charts.search(tenant_id=market.tenant_id, query=query[:length], limit=3)
        if found:
            return [{"symbol": each.symbol, "name": each.name, "aliases": list(each.aliases)} for each in found]
    return []


def _listed(instrument: Instrument) -> Result:
    entry: Result = _identity(instrument) | {
        "aliases": list(instrument.aliases),
        "kind": instrument.kind,
        "exchange": instrument.exchange,
    }
    if instrument.series:
        entry["first_date"] = min(series.first for series in instrument.series).date().isoformat()
        entry["last_date"] = max(series.last for series in instrument.series).date().isoformat()
        entry["timeframes"] = [series.timeframe.value for series in instrument.series]
    return entry


async def quoted(market: Market, call: Call, symbols: Sequence[str]) -> Result:
    """Return the newest prices."""
    instruments = await market.get_instruments(symbols)
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    quotes = await market.charts.quotes(tenant_id=market.tenant_id, symbols=tuple(by_symbol))
    if not quotes:
        raise NoDataError(f"There are no bars of {' or '.join(by_symbol)}.")
    entries = [_quote_entry(by_symbol[each.symbol], each) for each in quotes if each.symbol in by_symbol]
    entries.sort(key=lambda entry: list(by_symbol).index(entry["symbol"]))
    call.as_of = max(entry["date"] for entry in entries)
    return {"quotes": entries}


def _quote_entry(instrument: Instrument, newest: Quote) -> Result:
    entry = _identity(instrument) | {
        "date": _stamp(newest.time, newest.timeframe),
        "timeframe": newest.timeframe.value,
        "price": _number(newest.price),
        "open": _number(newest.open),
        "high": _number(newest.high),
        "low": _number(newest.low),
        "volume": _number(newest.volume),
    }
    if newest.previous_close is not None:
        entry["previous_close"] = _number(newest.previous_close)
    if newest.change is not None:
        entry["change"] = _number(newest.change)
    if newest.change_percent is not None:
        entry["change_percent"] = _percent(newest.change_percent)
    return entry


def _stamp(moment: datetime, timeframe: Timeframe) -> str:
    """The date of a bar, with its time of day where bars are shorter than a day."""
    return moment.strftime("%Y-%m-%dT%H:%MZ") if timeframe.is_intraday else moment.date().isoformat()


async def summarised(market: Market, call: Call, symbol: str, period_text: str) -> Result:
    """Return extremes and volumes of a period's daily bars."""
    (instrument,) = await market.get_instruments([symbol])
    period = parse_period(period_text, newest=market.newest_day(instrument))
    loaded, first = await market.sessions(instrument, period)
    inside = loaded.cut(first, len(loaded))
    result = _identity(instrument) | {"period": period.label} | _span(inside)
    result["open"] = _number(inside.open[0])
    result |= _extremes(inside)
    result["close"] = _number(inside.close[-1])
    result |= _volumes(inside)
    result["rows"] = [_row(inside, position) for position in range(max(0, len(inside) - _ROWS), len(inside))]
    call.as_of = result["to_date"]
    call.title = f"{instrument.symbol}, {period.label}"
    return result


def _span(inside: Sessions) -> Result:
    return {
        "from_date": inside.days[0].isoformat(),
        "to_date": inside.days[-1].isoformat(),
        "bars": len(inside),
    }


def _extremes(inside: Sessions) -> Result:
    highest, lowest = int(np.argmax(inside.high)), int(np.argmin(inside.low))
    return {
        "high": _number(inside.high[highest]),
        "high_date": inside.days[highest].isoformat(),
        "low": _number(inside.low[lowest]),
        "low_date": inside.days[lowest].isoformat(),
    }


def _volumes(inside: Sessions) -> Result:
    busiest = int(np.argmax(inside.volume))
    return {
        "volume_total": _number(float(inside.volume.sum())),
        "volume_average": float(round(float(inside.volume.mean()), 2)),
        "volume_highest": _number(inside.volume[busiest]),
        "volume_highest_date": inside.days[busiest].isoformat(),
    }


def _row(inside: Sessions, position: int) -> Result:
    return {
        "date": inside.days[position].isoformat(),
        "open": _number(inside.open[position]),
        "high": _number(inside.high[position]),
        "low": _number(inside.low[position]),
        "close": _number(inside.close[position]),
        "volume": _number(inside.volume[position]),
    }


async def performance_found(market: Market, call: Call, symbol: str, period_text: str) -> Result:
    """Return how one instrument did."""
    (instrument,) = await market.get_instruments([symbol])
    result = await _performance(market, instrument, period_text, market.newest_day(instrument))
    _note_performance(call, (instrument.symbol,), [result])
    return result


async def _performance(market: Market, instrument: Instrument, period_text: str, newest: date) -> Result:
    period = parse_period(period_text, newest=newest)
    loaded, first = await market.sessions(instrument, period)
    closed = loaded.days[-1]
    if closed > newest:
        loaded = loaded.cut(0, sum(day <= newest for day in loaded.days))
    inside = loaded.cut(first, len(loaded))
    if not len(inside):
        raise NoDataError(f"There are no bars of {instrument.symbol} for {period.label}.")
    begin, end = float(loaded.close[0]), float(loaded.close[-1])
    result = _identity(instrument) | {
        "period": period.label,
        "from_date": loaded.days[0].isoformat(),
        "from_close": _number(begin),
        "to_date": loaded.days[-1].isoformat(),
        "to_close": _number(end),
        "change": _number(end - begin),
        "change_percent": _percent(measure.change_percent(begin, end)),
    }
    result |= _extremes(inside) | _risk(loaded) | {"bars": len(inside)}
    if period.base is not None and loaded.days[0] > period.base:
        result["note"] = f"The data of {instrument.symbol} begins on {loaded.days[0].isoformat()}, inside the period."
    return result


def _risk(loaded: Sessions) -> Result:
    result: Result = {"max_drawdown_percent": _percent(measure.max_drawdown_percent(loaded.close))}
    volatility = measure.volatility_percent(loaded.close, a_year=measure.sessions_a_year(loaded.days))
    if volatility is not None:
        result["volatility_percent"] = _percent(volatility)
    total = measure.total_return_percent(loaded.adjusted)
    if total is not None:
        result["total_return_percent"] = _percent(total)
    return result


def _note_performance(call: Call, symbols: tuple[str, ...], results: Sequence[Result]) -> None:
    call.as_of = max(result["to_date"] for result in results)
    call.title = f"{' and '.join(symbols)}, {results[0]['period']}"
    call.card = performance_card(
        symbols,
        first=date.fromisoformat(min(result["from_date"] for result in results)),
        last=date.fromisoformat(call.as_of),
    )


async def compared(market: Market, call: Call, symbols: Sequence[str], period_text: str) -> Result:
    """Return how several instruments did over one period, counted from the newest day that all of them have."""
    instruments = await market.get_instruments(symbols)
    if len(instruments) < 2:
        raise NoDataError("A comparison needs two different instruments.")
    newest = min(market.newest_day(instrument) for instrument in instruments)
    results = [await _performance(market, instrument, period_text, newest) for instrument in instruments]
    _note_performance(call, tuple(instrument.symbol for instrument in instruments), results)
    results.sort(key=lambda result: -cast(float, result["change_percent"]))
    best, worst = results[0], results[-1]
    return {
        "period": best["period"],
        "to_date": call.as_of,
        "items": results,
        "leader": best["symbol"],
        "laggard": worst["symbol"],
        "difference_percentage_points": _percent(best["change_percent"] - worst["change_percent"]),
    }


async def indicator_found(market: Market, call: Call, arguments: Result) -> Result:
    """Return an indicator's value at its newest bar, or at a day, with the few values before it."""
    (instrument,) = await market.get_instruments([arguments["symbol"]])
    timeframe = Timeframe(arguments["timeframe"])
    end = None
    if arguments.get("on"):
        day = parse_day(arguments["on"], newest=market.newest_day(instrument))
        end = midnight(day + timedelta(days=1))
    series = await market.charts.indicator(
        tenant_id=market.tenant_id,
        symbol=instrument.symbol,
        timeframe=timeframe,
        name=arguments["name"],
        parameters=arguments["parameters"],
        start=None,
        end=end,
        limit=_ROWS,
    )
    rows = _indicator_rows(series)
    if not rows:
        raise NoDataError(
            f"{instrument.symbol} has too few {timeframe.value} bars for {series.title}: it needs {series.warm_up + 1}."
        )
    moment = datetime.fromtimestamp(series.time[-1] / 1000, tz=UTC)
    call.as_of = rows[-1]["date"]
    call.title = f"{short_title(series)} of {instrument.symbol}, {timeframe.value}"
    call.card = indicator_card(
        instrument.symbol, timeframe, name=series.name, parameters=dict(series.parameters), last=moment
    )
    return _indicator_result(instrument, series, rows)


def _indicator_rows(series: IndicatorSeries) -> list[Result]:
    rows: list[Result] = []
    for position, moment in enumerate(series.time):
        values = {output: column[position] for output, column in series.values.items()}
        if any(value is None for value in values.values()):
            continue
        stamp = _stamp(datetime.fromtimestamp(moment / 1000, tz=UTC), series.timeframe)
        rows.append({"date": stamp, "close": _number(series.close[position])} | values)
    return rows


def short_title(series: IndicatorSeries) -> str:
    """Return an indicator as traders write it: "RSI (14)"."""
    settings = ", ".join(f"{value:g}" for value in series.parameters.values())
    return f"{series.name.upper()} ({settings})" if settings else series.name.upper()


def _indicator_result(instrument: Instrument, series: IndicatorSeries, rows: list[Result]) -> Result:
    newest = rows[-1]
    result = _identity(instrument) | {
        "indicator": series.name,
        "title": series.title,
        "short_title": short_title(series),
        "timeframe": series.timeframe.value,
        "parameters": dict(series.parameters),
        "date": newest["date"],
        "close": newest["close"],
        "values": {output: newest[output] for output in series.values},
    }
    if series.name in _MARKS:
        result["overbought_above"], result["oversold_below"] = _MARKS[series.name]
    return result | {"rows": rows}
