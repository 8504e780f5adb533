"""Finds members of an organisation by how their name or address begins.

Names are stored encrypted, so no database can search them: those of an organisation are opened once and kept a moment.
"""

import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.auth.contracts import Colleague
from outcry.services.auth.directory import Directory
from outcry.services.auth.models.people import MembershipRow, PersonRow

KEPT_FOR = timedelta(seconds=30)
# Organisations and, of one, people whose names are held open at a time.
MOST_ORGANISATIONS = 50
MOST_PEOPLE = 20_000
_STEP = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A member and what they are found by."""

    colleague: Colleague
    words: tuple[str, ...]
    address: str


class Phonebook:
    """Searches people by the start of a word."""

    def __init__(self, *, database: Database, directory: Directory, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._kept: OrderedDict[UUID, tuple[list[Entry], datetime]] = OrderedDict()

    async def search(self, tenant_id: UUID, start: str, limit: int) -> tuple[Colleague, ...]:
        """Return at most ``limit`` members, by name; each word that was typed begins a word of the name."""
        wanted = _fold(start).split()
        if not wanted:
            return ()
        entries = await self._entries(tenant_id)
        found = (entry.colleague for entry in entries if _fits(entry, wanted))
        return tuple(colleague for colleague, _ in zip(found, range(limit), strict=False))

    async def _entries(self, tenant_id: UUID) -> list[Entry]:
        entries, until = self._kept.get(tenant_id, ([], self._clock.now()))
        if until > self._clock.now():
            self._kept.move_to_end(tenant_id)
            return entries
        entries = await self._read(tenant_id)
        self._kept[tenant_id] = entries, self._clock.now() + KEPT_FOR
        self._kept.move_to_end(tenant_id)
        while len(self._kept) > MOST_ORGANISATIONS:
            self._kept.popitem(last=False)
        return entries

    async def _read(self, tenant_id: UUID) -> list[Entry]:
        query = (
            select(PersonRow)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(
                MembershipRow.organisation_id == tenant_id,
                MembershipRow.room_id.is_(None),
                MembershipRow.disabled_at.is_(None),
                PersonRow.disabled_at.is_(None),
                PersonRow.sealed_name.is_not(None),
            )
            .order_by(PersonRow.id)
            .limit(_STEP)
        )
        entries: list[Entry] = []
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
            while rows and len(entries) < MOST_PEOPLE:
                people = await self._directory.open_people(session, rows)
                entries.extend(
                    _entries(
                        Colleague(person=person, confirmed=row.email_verified_at is not None)
                        for person, row in zip(people, rows, strict=True)
                    )
                )
                rows = list(await session.scalars(query.where(PersonRow.id > rows[-1].id)))
        return sorted(entries, key=lambda entry: (entry.words, entry.colleague.person.id))


def _entries(colleagues: Iterable[Colleague]) -> Iterable[Entry]:
    for colleague in colleagues:
        person = colleague.person
        yield Entry(colleague, tuple(_fold(person.name).split()), _fold(person.email))


def _fits(entry: Entry, wanted: list[str]) -> bool:
    if len(wanted) == 1 and entry.address.startswith(wanted[0]):
        return True
    return all(any(word.startswith(one) for word in entry.words) for one in wanted)


def _fold(text: str) -> str:
    """Return text without case and accents, so that "Jose" finds "José"."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))
