"""Opens what names people: sealed names and addresses become Persons, for those who may see them."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import UnavailableError
from outcry.services.auth.contracts import Person, PlainText, SealedText
from outcry.services.auth.identity import Email
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.vault import DataKey, Vault

EMAIL = "person.email"
NAME = "person.name"
# What other services keep of a person, encrypted under their key.
KEPT = "person.kept"
FORMER = "Former member"


class Directory:
    """Reads and writes the sealed fields of people, inside the caller's session."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def open_people(self, session: AsyncSession, rows: Iterable[PersonRow]) -> list[Person]:
        """Return people with their names and addresses; erased ones have neither."""
        people = list(rows)
        keys = await self._vault.people(session, [row.id for row in people])
        opened = []
        for row in people:
            key = keys.get(row.id)
            if key is None or row.sealed_name is None or row.sealed_email is None:
                opened.append(Person(id=row.id, name=FORMER, email=""))
            else:
                name, email = key.open(row.sealed_name, NAME), key.open(row.sealed_email, EMAIL)
                opened.append(Person(id=row.id, name=name, email=email, picture=row.picture))
        return opened

    async def open_person(self, session: AsyncSession, row: PersonRow) -> Person:
        """Return a person with their name and address."""
        return (await self.open_people(session, (row,)))[0]

    def index(self, email: Email) -> bytes:
        """Return what an address is found by."""
        return self._vault.email_index(email.key)

    async def set_email(self, session: AsyncSession, person_id: UUID, email: Email) -> None:
        """Seal a person's address; the database refuses one that another person has (IntegrityError)."""
        sealed = (await self._vault.person(session, person_id)).seal(email.shown, EMAIL)
        values = {"sealed_email": sealed, "email_index": self.index(email)}
        await session.execute(update(PersonRow).where(PersonRow.id == person_id).values(values))

    async def set_name(self, session: AsyncSession, person_id: UUID, name: str) -> None:
        """Seal a person's name."""
        sealed = (await self._vault.person(session, person_id)).seal(name, NAME)
        await session.execute(update(PersonRow).where(PersonRow.id == person_id).values(sealed_name=sealed))

    async def seal_words(self, session: AsyncSession, person_id: UUID, words: Mapping[str, str]) -> dict[str, str]:
        """Return words of a person as they may stand in events: each encrypted as ``seal_texts`` does it."""
        if not words:
            return {}
        key = await self._vault.person(session, person_id)
        return {name: base64.b64encode(key.seal(word, KEPT)).decode() for name, word in words.items()}

    async def seal_texts(self, session: AsyncSession, items: Sequence[PlainText]) -> tuple[str | None, ...]:
        """Encrypt words that another service keeps, in base64; None for people without a key."""
        keys = await self._vault.people(session, {item.person_id for item in items})
        return tuple(
            base64.b64encode(keys[item.person_id].seal(item.text, KEPT)).decode() if item.person_id in keys else None
            for item in items
        )

    async def open_texts(self, session: AsyncSession, items: Sequence[SealedText]) -> tuple[str | None, ...]:
        """Return what ``seal_texts`` encrypted; None for people without a key, and for what it did not make."""
        keys = await self._vault.people(session, {item.person_id for item in items})
        return tuple(_open_text(keys.get(item.person_id), item.sealed) for item in items)


def _open_text(key: DataKey | None, sealed: str) -> str | None:
    if key is None:
        return None
    try:
        return key.open(base64.b64decode(sealed, validate=True), KEPT)
    except (binascii.Error, ValueError, UnavailableError):
        return None
