"""Whose bars a file holds, and what can be said of an instrument by its symbol alone."""

import re
from pathlib import Path

from outcry.services.charts.contracts import Instrument
from outcry.services.charts.importing.report import UnusableFileError
from outcry.services.charts.listing.facts import Facts
from outcry.services.charts.naming import to_symbol

# AAPL, BRK-A, BTC-USD, RDS.B, ^GSPC, and after it what people add: -1m, _daily, -2020-12, _2015_2020.
_FILE_NAME = re.compile(
    r"(?P<symbol>\^?[A-Z0-9]{1,10}([.\-=][A-Z]{1,4})?)"
    r"(?P<rest>([-_. ](\d{1,3}[mhdwM]|1min|5min|15min|daily|weekly|monthly|hourly|intraday|minute|\d{4,14}|\d{1,2}))*)"
)


def symbol_of_path(path: Path) -> str:
    """Return the symbol that a file is named after; raises UnusableFileError when its name is not one.

    Only capitals count, so that ``prices.csv`` is not taken for an instrument.
    """
    match = _FILE_NAME.fullmatch(path.name.split(".csv")[0].split(".parquet")[0].removesuffix(path.suffix))
    if match is None or not re.search("[A-Z]", match["symbol"]) or to_symbol(match["symbol"]) is None:
        raise UnusableFileError(
            f"Nothing says which instrument {path.name} is of: there is no symbol column and the name is no symbol. "
            "Say it with --symbol.",
            field="symbol",
        )
    return match["symbol"]


def describe(symbol: str, facts: Facts) -> Instrument:
    """Return an instrument that is imported for the first time, with what was assumed of it."""
    return Instrument(
        symbol=symbol,
        name=symbol,
        kind=facts.kind,
        exchange=facts.exchange,
        currency=facts.currency,
        zone=facts.zone,
        aliases=(),
        series=(),
        calendar=facts.calendar,
        tick_size=facts.tick_size,
        lot_size=facts.lot_size,
    )
