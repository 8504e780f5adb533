"""What changes or removes an organisation's own instruments."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, select, update

from outcry.kit.errors import InvalidInputError
from outcry.kit.text import clean_line
from outcry.ports.database import Database
from outcry.ports.time_series import TimeSeries
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.errors import InstrumentNotFoundError, SharedInstrumentError
from outcry.services.charts.events import InstrumentChanged, InstrumentDeleted
from outcry.services.charts.fundamentals.models import FactRow
from outcry.services.charts.listing.facts import ASSET_CLASSES
from outcry.services.charts.listing.sessions import is_calendar
from outcry.services.charts.models import CorporateActionRow, InstrumentRow
from outcry.services.charts.naming import search_words, to_symbol

IDENTIFIERS = ("cik", "figi", "isin")
_MOST_ALIASES = 20


class Unsaid:
    """Stands for a field of a change that was left out."""


UNSAID = Unsaid()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentChange:
    """New facts of an instrument; what is left out stays as it is."""

    name: str | Unsaid = UNSAID
    kind: str | Unsaid = UNSAID
    exchange: str | Unsaid = UNSAID
    currency: str | Unsaid = UNSAID
    zone: str | Unsaid = UNSAID
    calendar: str | Unsaid = UNSAID
    tick_size: float | Unsaid | None = UNSAID
    lot_size: float | Unsaid | None = UNSAID
    aliases: tuple[str, ...] | Unsaid = UNSAID
    identifiers: Mapping[str, str] | Unsaid = UNSAID
    active_from: date | Unsaid | None = UNSAID
    active_until: date | Unsaid | None = UNSAID

    def said(self) -> dict[str, Any]:
        """Return what was said, by the name of the column."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if not isinstance(value, Unsaid)}


class ListingCommands:
    """Changes and removes instruments of one organisation; the shared ones stay as they are."""

    def __init__(self, *, database: Database, time_series: TimeSeries) -> None:
        self._database = database
        self._time_series = time_series

    async def change(self, tenant_id: UUID, symbol: str, change: InstrumentChange, *, actor_id: UUID) -> None:
        """Change an instrument.

        Raises InstrumentNotFoundError, SharedInstrumentError, and InvalidInputError that names the field.
        """
        known = _known(symbol)
        said = change.said()
        await asyncio.to_thread(_check, said)
        async with self._database.transaction() as transaction:
            statement = select(InstrumentRow).where(InstrumentRow.tenant_id == tenant_id, InstrumentRow.symbol == known)
            row = await transaction.session.scalar(statement.with_for_update())
            if row is None:
                raise await self._missing(known)
            values = _cleaned(said, row)
            different = {name: value for name, value in values.items() if getattr(row, name) != value}
            if not different:
                return
            event = InstrumentChanged(
                symbol=known,
                before={name: _text(getattr(row, name)) for name in different},
                after={name: _text(value) for name, value in different.items()},
            )
            words = search_words(known, values.get("name", row.name), values.get("aliases", row.aliases))
            await transaction.session.execute(
                update(InstrumentRow).where(InstrumentRow.id == row.id).values(**different, words=words)
            )
            transaction.publish(event, tenant_id=tenant_id, key=known, actor_id=actor_id)

    async def delete(self, tenant_id: UUID, symbol: str, *, actor_id: UUID) -> None:
        """Remove an instrument with its bars, actions and reported figures.

        The same call again completes what a crash cut short.

        Raises InstrumentNotFoundError and SharedInstrumentError.
        """
        known = _known(symbol)
        own = (InstrumentRow.tenant_id == tenant_id, InstrumentRow.symbol == known)
        async with self._database.reading() as session:
            if await session.scalar(select(InstrumentRow.id).where(*own)) is None:
                raise await self._missing(known)
        # Bars first: an instrument without bars is seen and can be removed again, bars without one would come back.
        bars = await self._time_series.delete(tenant_id, known)
        async with self._database.transaction() as transaction:
            await transaction.session.execute(delete(InstrumentRow).where(*own))
            for table in (CorporateActionRow, FactRow):
                theirs = (table.tenant_id == tenant_id, table.symbol == known)
                await transaction.session.execute(delete(table).where(*theirs))
            event = InstrumentDeleted(symbol=known, bars=bars)
            transaction.publish(event, tenant_id=tenant_id, key=known, actor_id=actor_id)

    async def _missing(self, symbol: str) -> Exception:
        shared = select(InstrumentRow.id).where(
            InstrumentRow.tenant_id == SHARED_TENANT, InstrumentRow.symbol == symbol
        )
        async with self._database.reading() as session:
            if await session.scalar(shared) is None:
                return InstrumentNotFoundError(f"There is no instrument {symbol} here.")
        return SharedInstrumentError(
            f"{symbol} belongs to every organisation. Import bars of your own: they then stand in its place."
        )


def _known(symbol: str) -> str:
    known = to_symbol(symbol)
    if known is None:
        raise InstrumentNotFoundError("That is not the symbol of an instrument.")
    return known


def _check(said: Mapping[str, Any]) -> None:
    """Raise InvalidInputError for a value that cannot be."""
    checks: dict[str, tuple[Callable[[Any], bool], str]] = {
        "kind": (lambda value: value in ASSET_CLASSES, f"must be one of {', '.join(ASSET_CLASSES)}"),
        "zone": (_is_zone, "must be an IANA name such as America/New_York"),
        "calendar": (lambda value: value == "" or is_calendar(value), "is no trading calendar; XNYS and 24/7 are"),
        "tick_size": (lambda value: value is None or value > 0, "must be above zero"),
        "lot_size": (lambda value: value is None or value > 0, "must be above zero"),
        "aliases": (lambda value: len(value) <= _MOST_ALIASES, f"must be {_MOST_ALIASES} at most"),
        "identifiers": (lambda value: set(value) <= set(IDENTIFIERS), f"must be of {', '.join(IDENTIFIERS)}"),
    }
    for name, (holds, message) in checks.items():
        if name in said and not holds(said[name]):
            raise _invalid(name, message)


def _cleaned(said: Mapping[str, Any], row: InstrumentRow) -> dict[str, Any]:
    """Return values as they are stored; raises InvalidInputError where they do not fit each other."""
    values = dict(said)
    for name in ("name", "exchange", "currency"):
        if name in values:
            values[name] = clean_line(values[name])
    if "name" in values and not values["name"]:
        raise _invalid("name", "must not be empty")
    if "aliases" in values:
        values["aliases"] = [clean for alias in values["aliases"] if (clean := clean_line(alias))]
    if "identifiers" in values:
        values["identifiers"] = {name: clean_line(text) for name, text in values["identifiers"].items()}
    begun, ended = values.get("active_from", row.active_from), values.get("active_until", row.active_until)
    if begun is not None and ended is not None and begun > ended:
        raise _invalid("active_until", "must not be before active_from")
    return values


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _invalid(name: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"{name} {message}.", errors=({"field": name, "message": message},))


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {text}" for name, text in sorted(value.items()))
    return "" if value is None else str(value)
