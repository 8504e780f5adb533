"""Which column of a file is what, by its heading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from outcry.services.charts.importing.report import UnusableFileError

PRICES = ("open", "high", "low", "close")

_MEANINGS = {
    "date": ("date", "day", "tradedate", "tradingday", "tradingdate", "sessiondate"),
    "time": ("time", "hour", "tradetime", "timeofday"),
    "moment": (
        "datetime",
        "timestamp",
        "ts",
        "opentime",
        "bartime",
        "begin",
        "starttime",
        "dateutc",
        "datetimeutc",
        "timestamputc",
        "unix",
        "unixtime",
        "unixtimestamp",
        "epoch",
        "gmttime",
        "localtime",
        "dateandtime",
    ),
    "open": ("open", "o", "openprice", "opening", "openingprice", "first"),
    "high": ("high", "h", "highprice", "max", "highest"),
    "low": ("low", "l", "lowprice", "min", "lowest"),
    "close": ("close", "c", "closeprice", "closing", "closingprice", "last", "closelast", "lastprice"),
    "volume": ("volume", "vol", "v", "totalvolume", "tradedvolume", "sharestraded", "tickvol", "tickvolume"),
    "adjusted_close": ("adjclose", "adjustedclose", "closeadjusted", "closeadj", "adjcloseprice", "adj"),
    "symbol": ("symbol", "ticker", "sym", "instrument", "code"),
}
# Splits and dividends. Beside prices only the first two count: a column `value` or `type` may be anything there.
_ACTION_MEANINGS = {
    "dividend": ("dividend", "dividends", "div", "dividendamount", "cashdividend", "divcash"),
    "split": ("split", "splits", "stocksplit", "stocksplits", "splitratio", "splitfactor", "splitcoefficient"),
    "action": ("action", "actiontype", "corporateaction", "kind", "type", "event", "eventtype"),
    "value": ("value", "amount", "ratio"),
}
_ACTION_BY_HEADING = {heading: meaning for meaning, headings in _ACTION_MEANINGS.items() for heading in headings}
_BY_HEADING = {heading: meaning for meaning, headings in _MEANINGS.items() for heading in headings}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The position of each column by its meaning, those of splits and dividends apart, and the headings that mean
    nothing here. A table without ``has_prices`` has splits and dividends alone."""

    positions: dict[str, int]
    ignored: tuple[str, ...]
    actions: dict[str, int] = field(default_factory=dict)
    has_prices: bool = True

    @property
    def times(self) -> tuple[int, ...]:
        """The column, or the two, that make up a bar's time."""
        known = self.positions
        if "moment" in known:
            return (known["moment"],)
        return tuple(known[role] for role in ("date", "time") if role in known)


def find_roles(names: Sequence[str]) -> Roles:
    """Say what each column is; raises UnusableFileError where one is missing or stands there twice."""
    positions: dict[str, int] = {}
    ignored = []
    actions = _find_actions(names)
    for position, name in enumerate(names):
        role = _BY_HEADING.get(_plain(name))
        if position in actions.values():
            continue
        if role is None:
            ignored.append(name or "an unnamed column")
        elif role in positions:
            first = names[positions[role]]
            raise UnusableFileError(f"The columns {first!r} and {name!r} both look like the {role.replace('_', ' ')}.")
        else:
            positions[role] = position
    if "moment" in positions:
        ignored += [names[positions.pop(role)] for role in ("date", "time") if role in positions]
    has_prices = not actions or any(role in positions for role in PRICES)
    missing = [role for role in PRICES if role not in positions and has_prices]
    if not positions.keys() & {"date", "time", "moment"}:
        missing.insert(0, "date")
    if missing:
        raise UnusableFileError(_missing(missing, names))
    return Roles(positions=positions, ignored=tuple(ignored), actions=actions, has_prices=has_prices)


def _find_actions(names: Sequence[str]) -> dict[str, int]:
    """Return the columns of splits and dividends, none where the table has none of both."""
    found: dict[str, int] = {}
    for position, name in enumerate(names):
        role = _ACTION_BY_HEADING.get(_plain(name))
        if role is not None:
            found.setdefault(role, position)
    if any(_BY_HEADING.get(_plain(name)) in PRICES for name in names) or not {"action", "value"} <= found.keys():
        found = {role: position for role, position in found.items() if role in ("dividend", "split")}
    return found


def is_needed(name: str) -> bool:
    """Say whether a column with this heading may be read."""
    plain = _plain(name)
    return plain in _BY_HEADING or plain in _ACTION_BY_HEADING


def _plain(name: str) -> str:
    """A heading without case, signs and a leading number: ``1. Open`` and ``<OPEN>`` are ``open``."""
    return re.sub(r"^\d+", "", re.sub(r"[^a-z0-9]", "", name.lower()))


def _missing(missing: Sequence[str], names: Sequence[str]) -> str:
    shown = ", ".join(name[:30] or "(unnamed)" for name in names[:12]) + (", ..." if len(names) > 12 else "")
    if all(re.fullmatch(r"[\d\s.,:/+-]*", name) for name in names):
        return f"It has no header line: the first line is {shown}."
    return f"It has no column for {', '.join(missing)}; its columns are {shown}."
