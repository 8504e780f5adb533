"""Binance's spot market on this machine: its addresses, messages and candles, as its documentation has them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.adapters_support.market_server import Deal, MarketServer


class BinanceServer(MarketServer):
    """Has BTC/USDT and ETH/USDT. It stands where a gateway would: hosts come as the first part of the path.

    ``page`` is how many candles it gives at once; the true one gives a thousand.
    """

    page = 4

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add what the client library asks for."""
        router.add_get("/api.binance.com/api/v3/exchangeInfo", self._markets)
        router.add_get("/api.binance.com/api/v3/klines", self._klines)
        router.add_get("/api.binance.com/api/v3/time", self._time)
        router.add_get("/stream.binance.com/ws/{stream}", self.serve_socket)

    def frame(self, deal: Deal) -> dict[str, Any]:
        """Return a trade event."""
        time = round(deal.time.timestamp() * 1000)
        return {
            "e": "trade",
            "E": time + 1,
            "s": deal.symbol.replace("/", ""),
            "t": deal.number,
            "p": f"{deal.price:.8f}",
            "q": f"{deal.size:.8f}",
            "T": time,
            "m": True,
            "M": True,
        }

    async def best(self, symbol: str, bid: float, ask: float) -> None:
        """Tell best prices; Binance's carry no time."""
        said = {"u": 1, "s": symbol.replace("/", ""), "b": f"{bid}", "B": "1.5", "a": f"{ask}", "A": "2.5"}
        for socket in self.sockets:
            await socket.send_json(said)

    async def heed(self, socket: web.WebSocketResponse, said: Any) -> None:
        """Take a subscription."""
        await socket.send_json({"result": None, "id": said["id"]})
        names = {"btcusdt": "BTC/USDT", "ethusdt": "ETH/USDT"}
        streams = [one.partition("@") for one in said["params"]]
        if symbols := [names[name] for name, _, kind in streams if kind == "trade"]:
            await self.follow(socket, symbols)

    async def _markets(self, request: web.Request) -> web.Response:
        return web.json_response({"timezone": "UTC", "serverTime": 0, "symbols": [_market("BTC"), _market("ETH")]})

    async def _time(self, request: web.Request) -> web.Response:
        newest = max((deal.time for deal in self.deals), default=datetime(2026, 1, 5, tzinfo=UTC))
        return web.json_response({"serverTime": round(newest.timestamp() * 1000)})

    async def _klines(self, request: web.Request) -> web.Response:
        query = request.query
        start = datetime.fromtimestamp(int(query["startTime"]) / 1000, UTC)
        symbol = {"BTCUSDT": "BTC/USDT", "ETHUSDT": "ETH/USDT"}[query["symbol"]]
        length = timedelta(minutes={"1m": 1, "5m": 5}[query["interval"]])
        # Binance answers in pages, and has a candle for each minute, whether anything was traded in it or not.
        shown: list[list[Any]] = []
        made = {one.time: one for one in self.candles(symbol, start, datetime.max.replace(tzinfo=UTC), length)}
        time = datetime.fromtimestamp(-(-start.timestamp() // length.total_seconds()) * length.total_seconds(), UTC)
        close = 1.0
        while made and time <= max(made) and len(shown) < min(self.page, int(query["limit"])):
            one = made.get(time)
            prices = (
                (close, close, close, close, 0.0)
                if one is None
                else (one.open, one.high, one.low, one.close, one.volume)
            )
            close = prices[3]
            opened = round(time.timestamp() * 1000)
            shown.append([opened, *(f"{number:.8f}" for number in prices), opened + 59_999, "0", 1, "0", "0", "0"])
            time += length
        return web.json_response(shown)


def _market(base: str) -> dict[str, Any]:
    return {
        "symbol": f"{base}USDT",
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": "USDT",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": ["SPOT"],
        "permissionSets": [["SPOT"]],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000", "stepSize": "0.00001"},
        ],
    }
