"""Whose bars a file holds, and what can be said of an instrument by its symbol alone."""

import re
from pathlib import Path

from outcry.services.charts.contracts import Instrument
from outcry.services.charts.importing.report import UnusableFileError
from outcry.services.charts.naming import to_symbol

DEFAULT_ZONE = "America/New_York"

# AAPL, BRK-A, BTC-USD, RDS.B, ^GSPC, and after it what people add: -1m, _daily, -2020-12, _2015_2020.
_FILE_NAME = re.compile(
    r"(?P<symbol>\^?[A-Z0-9]{1,10}([.\-=][A-Z]{1,4})?)"
    r"(?P<rest>([-_. ](\d{1,3}[mhdwM]|1min|5min|15min|daily|weekly|monthly|hourly|intraday|minute|\d{4,14}|\d{1,2}))*)"
)
_PAIR = re.compile(r"(?P<base>[A-Z0-9]{2,10})[-_]?(?P<quote>USDT|USDC|USD|EUR|GBP|JPY|CHF|BTC|ETH)")
_CASH = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "CNY", "INR"})


def symbol_of_path(path: Path) -> str:
    """Return the symbol that a file is named after; raises UnusableFileError when its name is not one.

    Only capitals count, so that ``prices.csv`` is not taken for an instrument.
    """
    match = _FILE_NAME.fullmatch(path.name.split(".csv")[0].split(".parquet")[0].removesuffix(path.suffix))
    if match is None or not re.search("[A-Z]", match["symbol"]) or to_symbol(match["symbol"]) is None:
        raise UnusableFileError(
            f"Nothing says which instrument {path.name} is of: there is no symbol column and the name is no symbol. "
            "Say it with --symbol."
        )
    return match["symbol"]


def describe(symbol: str, zone: str | None) -> Instrument:
    """Return what is known of an instrument that is imported for the first time."""
    pair = _PAIR.fullmatch(symbol) if "-" in symbol or "_" in symbol else None
    kind, currency = "other", ""
    if pair is not None:
        kind, currency = "currency" if pair["base"] in _CASH else "crypto", pair["quote"]
    return Instrument(
        symbol=symbol,
        name=symbol,
        kind=kind,
        exchange="",
        currency=currency,
        zone=zone or ("UTC" if pair is not None else DEFAULT_ZONE),
        aliases=(),
        series=(),
    )
