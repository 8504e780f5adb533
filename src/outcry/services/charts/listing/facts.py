"""What can be said of an instrument by its symbol and its prices, before anybody says it."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from outcry.kit.market import Floats

AssetClass = Literal["stock", "crypto", "fx", "index", "fund", "other"]
ASSET_CLASSES: tuple[str, ...] = get_args(AssetClass)

NEW_YORK = "America/New_York"
_PAIR = re.compile(r"(?P<base>[A-Z0-9]{2,10})[-_](?P<quote>USDT|USDC|USD|EUR|GBP|JPY|CHF|BTC|ETH)")
_CASH = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "CNY", "INR", "MXN", "ZAR", "SGD")
_JOINED = re.compile(rf"(?P<base>{'|'.join(_CASH)})(?P<quote>{'|'.join(_CASH)})(=X)?")
_INDICES = {"SPX", "NDX", "DJI", "DJIA", "RUT", "VIX", "GSPC", "IXIC", "OEX", "COMP"}
_FUNDS = {
    "SPY",
    "QQQ",
    "IWM",
    "DIA",
    "VTI",
    "VOO",
    "IVV",
    "GLD",
    "SLV",
    "TLT",
    "EFA",
    "EEM",
    "XLF",
    "XLE",
    "XLK",
    "AGG",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an instrument is traded: the market's name, its calendar in ``exchange_calendars``, zone and currency."""

    exchange: str
    calendar: str
    zone: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known or assumed of an instrument. ``tick_size`` and ``lot_size`` are None where nothing tells them."""

    kind: AssetClass
    exchange: str
    calendar: str
    zone: str
    currency: str
    tick_size: float | None
    lot_size: float | None

    def sentence(self, symbol: str, *, shared: bool) -> str:
        """Say what was assumed, for the report of an import; what everybody shares nobody can change."""
        article = "an" if self.kind in ("index", "fx", "other") else "a"
        said = {"fx": "fx pair", "crypto": "crypto pair", "other": "instrument of unknown kind"}.get(
            self.kind, self.kind
        )
        tick = "" if self.tick_size is None else f", tick {self.tick_size:g}"
        currency = f" in {self.currency}" if self.currency else ""
        advice = "" if shared else f"; PATCH /api/v1/instruments/{symbol} changes what is wrong"
        return (
            f"{symbol} is new and was taken for {article} {said}{currency}, calendar {self.calendar}, "
            f"zone {self.zone}{tick}{advice}"
        )


_UNITED_STATES = Place(exchange="", calendar="XNYS", zone=NEW_YORK, currency="USD")
_ALWAYS = Place(exchange="", calendar="24/7", zone="UTC", currency="")
_WEEKDAYS = Place(exchange="", calendar="24/5", zone="UTC", currency="")
# The endings that vendors put after a symbol of another market than the American one.
_ENDINGS = {
    "L": Place(exchange="London", calendar="XLON", zone="Europe/London", currency="GBP"),
    "DE": Place(exchange="Xetra", calendar="XETR", zone="Europe/Berlin", currency="EUR"),
    "F": Place(exchange="Frankfurt", calendar="XFRA", zone="Europe/Berlin", currency="EUR"),
    "PA": Place(exchange="Paris", calendar="XPAR", zone="Europe/Paris", currency="EUR"),
    "AS": Place(exchange="Amsterdam", calendar="XAMS", zone="Europe/Amsterdam", currency="EUR"),
    "MI": Place(exchange="Milan", calendar="XMIL", zone="Europe/Rome", currency="EUR"),
    "MC": Place(exchange="Madrid", calendar="XMAD", zone="Europe/Madrid", currency="EUR"),
    "SW": Place(exchange="Zurich", calendar="XSWX", zone="Europe/Zurich", currency="CHF"),
    "ST": Place(exchange="Stockholm", calendar="XSTO", zone="Europe/Stockholm", currency="SEK"),
    "OL": Place(exchange="Oslo", calendar="XOSL", zone="Europe/Oslo", currency="NOK"),
    "TO": Place(exchange="Toronto", calendar="XTSE", zone="America/Toronto", currency="CAD"),
    "T": Place(exchange="Tokyo", calendar="XTKS", zone="Asia/Tokyo", currency="JPY"),
    "HK": Place(exchange="Hong Kong", calendar="XHKG", zone="Asia/Hong_Kong", currency="HKD"),
    "SS": Place(exchange="Shanghai", calendar="XSHG", zone="Asia/Shanghai", currency="CNY"),
    "AX": Place(exchange="Sydney", calendar="XASX", zone="Australia/Sydney", currency="AUD"),
    "NS": Place(exchange="India", calendar="XBOM", zone="Asia/Kolkata", currency="INR"),
    "SA": Place(exchange="São Paulo", calendar="BVMF", zone="America/Sao_Paulo", currency="BRL"),
}
_SAMPLED = 2_000
_MOST_DECIMALS = 8


def assume(symbol: str, *, zone: str | None = None, prices: Floats | None = None) -> Facts:
    """Return what a symbol, its zone where that was said, and its prices suggest.

    Pairs such as BTC-USD and EURUSD are crypto or fx by their base currency; ``^GSPC`` and a few names are indices; an
    ending such as ``.L`` names a market; everything else counts as an American stock. The tick of stocks, funds and
    indices is a cent; of pairs the last decimal that their prices use.
    """
    pair = _PAIR.fullmatch(symbol) or _JOINED.fullmatch(symbol)
    kind, place = _kind_and_place(symbol)
    currency = pair["quote"] if pair is not None else place.currency
    pairs = kind in ("crypto", "fx")
    return Facts(
        kind=kind,
        exchange=place.exchange,
        calendar=place.calendar,
        zone=zone or place.zone,
        currency=currency,
        tick_size=_tick(prices) if pairs else 0.01,
        lot_size=1.0 if kind in ("stock", "fund") else None,
    )


def _kind_and_place(symbol: str) -> tuple[AssetClass, Place]:
    pair = _PAIR.fullmatch(symbol) or _JOINED.fullmatch(symbol)
    if pair is not None:
        return ("fx", _WEEKDAYS) if pair["base"] in _CASH and pair["quote"] in _CASH else ("crypto", _ALWAYS)
    if symbol.startswith("^") or symbol in _INDICES:
        return "index", _UNITED_STATES
    if symbol in _FUNDS:
        return "fund", _UNITED_STATES
    _, point, ending = symbol.rpartition(".")
    return "stock", _ENDINGS.get(ending, _UNITED_STATES) if point else _UNITED_STATES


def _tick(prices: Floats | None) -> float | None:
    """Return the last decimal place that prices use, None where they use more than a price has."""
    if prices is None or not len(prices):
        return None
    sample = prices[:: max(1, len(prices) // _SAMPLED)]
    for decimals in range(_MOST_DECIMALS + 1):
        if np.allclose(sample, np.round(sample, decimals), rtol=1e-12, atol=0):
            return float(10.0**-decimals)
    return None
