"""What the tool for technical summaries finds: the rules' words, and every figure that they lean on."""

from typing import Any

from outcry.kit.market import Timeframe
from outcry.services.ai.cards import summary_card
from outcry.services.ai.market import Market
from outcry.services.ai.sources import Call
from outcry.services.charts.contracts import SummaryFigure, SummarySection

Result = dict[str, Any]


async def technicals_found(market: Market, call: Call, symbol: str, timeframe_name: str) -> Result:
    """Return trend, momentum, volatility, volume and levels of an instrument at its newest bar."""
    (instrument,) = await market.get_instruments([symbol])
    timeframe = Timeframe(timeframe_name)
    found = await market.charts.summary(tenant_id=market.tenant_id, symbol=instrument.symbol, timeframe=timeframe)
    stamp = found.as_of.strftime("%Y-%m-%dT%H:%MZ") if timeframe.is_intraday else found.as_of.date().isoformat()
    call.as_of = stamp
    call.title = f"Technical summary of {instrument.symbol}, {timeframe.value}"
    call.card = summary_card(instrument.symbol, timeframe, last=found.as_of)
    return {
        "symbol": instrument.symbol,
        "name": instrument.name,
        "currency": instrument.currency,
        "timeframe": timeframe.value,
        "date": stamp,
        "closed": found.closed,
        "bars": found.bars,
        "sections": {section.name: _section(section) for section in found.sections},
    }


def _section(section: SummarySection) -> Result:
    figures = {figure.key: _figure(figure) for figure in section.figures if figure.value is not None}
    return {"verdict": section.verdict, "sentence": section.sentence, "figures": figures}


def _figure(figure: SummaryFigure) -> Result:
    source = figure.source
    # A percentage is one by its name, as in every tool: so an answer may write it with its sign.
    key = "value_percent" if figure.unit == "percent" else "value"
    told: Result = {"label": figure.label, key: figure.value, "unit": figure.unit, "from": source.name}
    return told | ({"parameters": dict(source.parameters)} if source.parameters else {})
