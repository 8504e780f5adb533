"""Yahoo's chart and stream on this machine, in the form that yfinance reads."""

import base64
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.adapters_support.market_server import MINUTE, Deal, MarketServer

_META = {
    "currency": "USD",
    "fullExchangeName": "NasdaqGS",
    "instrumentType": "EQUITY",
    "longName": "Apple Inc.",
    "exchangeTimezoneName": "America/New_York",
    "timezone": "EST",
    "gmtoffset": -18000,
    "priceHint": 2,
    "dataGranularity": "1m",
    "validRanges": ["1d", "5d", "max"],
}


class YahooServer(MarketServer):
    """Stands where a gateway would: hosts come as the first part of the path."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the stream and the chart."""
        router.add_get("/streamer.finance.yahoo.com/", self.serve_socket)
        router.add_get("/query2.finance.yahoo.com/v8/finance/chart/{symbol}", self._chart)

    def frame(self, deal: Deal) -> dict[str, Any]:
        """Return a price message: the volume is that of the day so far."""
        from yfinance.pricing_pb2 import PricingData

        said = PricingData(
            id=deal.symbol,
            price=deal.price,
            time=round(deal.time.timestamp() * 1000),
            currency="USD",
            exchange="NMS",
            day_volume=round(sum(one.size for one in self.deals if one.number <= deal.number)),
        )
        return {"type": "pricing", "message": base64.b64encode(said.SerializeToString()).decode()}

    async def heed(self, socket: web.WebSocketResponse, said: Any) -> None:
        """Take a subscription."""
        await self.follow(socket, said["subscribe"])

    async def _chart(self, request: web.Request) -> web.Response:
        symbol, query = request.match_info["symbol"], request.query
        if symbol not in ("AAPL", "MSFT"):
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return web.json_response({"chart": {"result": None, "error": error}}, status=404)
        result: dict[str, Any] = {"meta": _META | {"symbol": symbol}, "indicators": {"quote": [{}]}}
        if "period1" in query:
            start, end = (datetime.fromtimestamp(int(query[name]), UTC) for name in ("period1", "period2"))
            candles = {one.time: one for one in self.candles(symbol, start, end)}
            if candles:
                times = [min(candles) + MINUTE * step for step in range((max(candles) - min(candles)) // MINUTE + 1)]
                result["timestamp"] = [round(time.timestamp()) for time in times]
                # A minute without a trade has a time and no numbers.
                result["indicators"]["quote"] = [
                    {
                        name: [getattr(candles[time], name) if time in candles else None for time in times]
                        for name in ("open", "high", "low", "close", "volume")
                    }
                ]
        return web.json_response({"chart": {"result": [result], "error": None}})
