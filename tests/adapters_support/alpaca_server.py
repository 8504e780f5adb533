"""Alpaca's market data on this machine: its socket and its bars, as its documentation has them."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.adapters_support.market_server import Deal, MarketServer

KEY, SECRET = "PK-TEST", "a secret of tests"
PAGE = 3


class AlpacaServer(MarketServer):
    """Wants the keys above; bars come in pages of three."""

    def settings(self, symbols: str) -> dict[str, str]:
        """Return the settings by which a server follows these symbols here."""
        return {
            "OUTCRY_FEED": f"alpaca:iex?symbols={symbols}&url={self.url}",
            "OUTCRY_SECRET_ALPACA_KEY": base64.b64encode(KEY.encode()).decode(),
            "OUTCRY_SECRET_ALPACA_SECRET": base64.b64encode(SECRET.encode()).decode(),
        }

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the socket and the bars."""
        router.add_get("/v2/iex", self.serve_socket)
        router.add_get("/v2/stocks/bars", self._bars)

    def frame(self, deal: Deal) -> dict[str, Any]:
        """Return a trade message."""
        return {
            "T": "t",
            "S": deal.symbol,
            "i": deal.number,
            "x": "V",
            "p": deal.price,
            "s": deal.size,
            "t": deal.time.strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z",
            "c": ["@"],
            "z": "C",
        }

    async def send(self, socket: web.WebSocketResponse, deals: Sequence[Deal]) -> None:
        """Send them joined, as Alpaca does."""
        await socket.send_json([self.frame(deal) for deal in deals])

    async def quote(self, symbol: str, time: datetime, bid: float, ask: float) -> None:
        """Tell a quote."""
        said = {"T": "q", "S": symbol, "bp": bid, "bs": 1, "ap": ask, "as": 2, "t": time.isoformat()}
        for socket in self.sockets:
            await socket.send_json([said])

    async def greet(self, socket: web.WebSocketResponse) -> None:
        """Say that there is a connection."""
        await socket.send_json([{"T": "success", "msg": "connected"}])

    async def heed(self, socket: web.WebSocketResponse, said: Any) -> None:
        """Check keys, then take a subscription."""
        if said["action"] == "auth":
            if (said["key"], said["secret"]) != (KEY, SECRET):
                await socket.send_json([{"T": "error", "code": 402, "msg": "auth failed"}])
                return
            await socket.send_json([{"T": "success", "msg": "authenticated"}])
        elif said["action"] == "subscribe":
            await self.follow(socket, said["trades"])
            await socket.send_json([{"T": "subscription", "trades": said["trades"], "quotes": said["quotes"]}])

    async def _bars(self, request: web.Request) -> web.Response:
        if request.headers.get("apca-api-key-id") != KEY or request.headers.get("apca-api-secret-key") != SECRET:
            return web.json_response({"message": "forbidden."}, status=403)
        query = request.query
        symbol = query["symbols"]
        if query["timeframe"] != "1Min":
            return web.json_response({"message": "invalid timeframe"}, status=400)
        start, end = datetime.fromisoformat(query["start"]), datetime.fromisoformat(query["end"])
        candles = self.candles(symbol, start, end)
        at = int(query.get("page_token", "0"))
        shown = candles[at : at + PAGE]
        bars = [
            {
                "t": one.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "o": one.open,
                "h": one.high,
                "l": one.low,
                "c": one.close,
                "v": one.volume,
                "n": 1,
                "vw": one.close,
            }
            for one in shown
        ]
        token = str(at + PAGE) if at + PAGE < len(candles) else None
        return web.json_response({"bars": {symbol: bars} if bars else {}, "next_page_token": token})
