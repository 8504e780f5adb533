"""Keys under keys: the master key wraps an organisation's, that wraps a person's, and that seals their fields.

Envelope encryption (NIST SP 800-57 part 1, section 5.3.5; AES-256-GCM throughout). To erase a person it is enough to
destroy one row: their data key. To rotate the master key it is enough to wrap the organisations' keys anew.
"""

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.kit.sealing import KEY_SIZE, SealBrokenError, Sealer
from outcry.ports.secrets import Secrets
from outcry.services.auth.events import NO_TENANT
from outcry.services.auth.models.access import MasterKeyRow
from outcry.services.auth.models.people import OrganisationKeyRow, PersonKeyRow

MASTER_KEY = "auth-master"
INDEX_KEY = "auth-email-index"

# What an erasure in another process leaves opened here is forgotten after this time.
_REMEMBERED = timedelta(seconds=30)
_MOST_REMEMBERED = 20_000


class DataKey:
    """An opened key, bound to whom it belongs to: a value sealed for one person's field opens nowhere else."""

    __slots__ = ("_key", "_owner", "_sealer")

    def __init__(self, key: bytes, owner: UUID) -> None:
        self._key = key
        self._owner = owner.bytes
        self._sealer = Sealer(key)

    def seal(self, text: str, field: str) -> bytes:
        """Return a text sealed for a field such as ``person.name``."""
        return self._sealer.seal(text.encode(), context=field.encode() + b":" + self._owner)

    def open(self, sealed: bytes, field: str) -> str:
        """Return what was sealed for this field; raises UnavailableError when it is not that."""
        try:
            return self._sealer.open(sealed, context=field.encode() + b":" + self._owner).decode()
        except SealBrokenError as error:
            raise UnavailableError(f"A stored {field} cannot be opened.") from error

    def wrap(self, key: bytes, owner: UUID) -> bytes:
        """Return another key, wrapped by this one."""
        return self._sealer.seal(key, context=b"key:" + owner.bytes)

    def unwrap(self, wrapped: bytes, owner: UUID) -> "DataKey":
        """Return a key that this one wrapped; raises UnavailableError when it did not."""
        try:
            return DataKey(self._sealer.open(wrapped, context=b"key:" + owner.bytes), owner)
        except SealBrokenError as error:
            raise UnavailableError("A stored key was wrapped by another auth-master. Put that secret back.") from error

    def rewrap_under(self, other: "DataKey") -> bytes:
        """Return this key, wrapped by another one."""
        return other.wrap(self._key, UUID(bytes=self._owner))


def master_secret(version: int) -> str:
    """Return the name of the secret that holds a version of the master key."""
    return MASTER_KEY if version == 1 else f"{MASTER_KEY}-{version}"


class Vault:
    """Makes, opens, moves and destroys the keys of organisations and people."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._masters: dict[int, DataKey] = {}
        self._index_key = b""
        self._opened: OrderedDict[UUID, tuple[datetime, DataKey]] = OrderedDict()

    async def start(self) -> None:
        """Read the secrets, so that a wrong one stops the start; raises UnavailableError."""
        await self.master(1)
        self._index_key = await self._secret(INDEX_KEY)

    def email_index(self, email_key: str) -> bytes:
        """Return the blind index of an address: 32 bytes that tell whether two are the same, and nothing else."""
        return hmac.new(self._index_key, email_key.encode(), hashlib.sha256).digest()

    def keyed_hash(self, purpose: str, text: str) -> bytes:
        """Return a keyed hash of a short secret, such as a recovery code, that must not be found by trying all."""
        return hmac.new(self._index_key, f"{purpose}\n{text}".encode(), hashlib.sha256).digest()

    async def master(self, version: int) -> DataKey:
        """Return a version of the master key; raises UnavailableError. Only the first is made when it is missing."""
        if version not in self._masters:
            name = master_secret(version)
            # A later one was made by a rotation. Another in its place would open nothing, and seal what nobody opens.
            if version > 1 and await self._secrets.find(name) is None:
                raise UnavailableError(f"The secret {name} is not there. A rotation of the keys made it: put it back.")
            self._masters[version] = DataKey(await self._secret(name), NO_TENANT)
        return self._masters[version]

    async def newest_master(self, session: AsyncSession) -> tuple[int, DataKey]:
        """Return the version of the master key that wraps now."""
        version = await session.scalar(select(MasterKeyRow.version).order_by(MasterKeyRow.version.desc()).limit(1))
        return version or 1, await self.master(version or 1)

    async def _secret(self, name: str) -> bytes:
        value = await self._secrets.get_or_create(name, size=KEY_SIZE)
        if len(value) != KEY_SIZE:
            raise UnavailableError(f"The secret {name} must have {KEY_SIZE} bytes; it has {len(value)}.")
        return value

    async def add_organisation(self, session: AsyncSession, organisation_id: UUID) -> DataKey:
        """Make an organisation's key, in the caller's transaction."""
        version, master = await self.newest_master(session)
        key = os.urandom(KEY_SIZE)
        values = {"organisation_id": organisation_id, "master_version": version}
        await session.execute(insert(OrganisationKeyRow).values(**values, wrapped=master.wrap(key, organisation_id)))
        return DataKey(key, organisation_id)

    async def organisation(self, session: AsyncSession, organisation_id: UUID) -> DataKey:
        """Return an organisation's key; raises UnavailableError when it was destroyed."""
        row = await session.get(OrganisationKeyRow, organisation_id)
        if row is None:
            raise UnavailableError("The organisation's key is not there.")
        return (await self.master(row.master_version)).unwrap(row.wrapped, organisation_id)

    async def installation(self, session: AsyncSession) -> DataKey:
        """Return the installation's own key, for what belongs to nobody yet; made at the first need."""
        row = await session.get(OrganisationKeyRow, NO_TENANT)
        return await (self.organisation if row else self.add_organisation)(session, NO_TENANT)

    async def add_person(self, session: AsyncSession, person_id: UUID, organisation_id: UUID) -> DataKey:
        """Make a person's data key under an organisation's, in the caller's transaction."""
        key = os.urandom(KEY_SIZE)
        wrapped = (await self.organisation(session, organisation_id)).wrap(key, person_id)
        values = {"person_id": person_id, "organisation_id": organisation_id, "wrapped": wrapped}
        await session.execute(insert(PersonKeyRow).values(values))
        return DataKey(key, person_id)

    async def person(self, session: AsyncSession, person_id: UUID) -> DataKey:
        """Return a person's data key; raises UnavailableError when it was destroyed."""
        keys = await self.people(session, (person_id,))
        if person_id not in keys:
            raise UnavailableError("The person's key is not there.")
        return keys[person_id]

    async def people(self, session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, DataKey]:
        """Return the data keys of those of these people who have one."""
        now = self._clock.now()
        found: dict[UUID, DataKey] = {}
        unknown: list[UUID] = []
        for person_id in set(ids):
            opened = self._opened.get(person_id)
            if opened and timedelta(0) <= now - opened[0] < _REMEMBERED:
                found[person_id] = opened[1]
            else:
                unknown.append(person_id)
        if unknown:
            found |= await self._open_people(session, unknown)
        return found

    async def _open_people(self, session: AsyncSession, ids: list[UUID]) -> dict[UUID, DataKey]:
        query = (
            select(PersonKeyRow.person_id, PersonKeyRow.wrapped, OrganisationKeyRow)
            .join(OrganisationKeyRow, OrganisationKeyRow.organisation_id == PersonKeyRow.organisation_id)
            .where(PersonKeyRow.person_id.in_(ids))
        )
        found: dict[UUID, DataKey] = {}
        outer: dict[UUID, DataKey] = {}
        for person_id, wrapped, row in await session.execute(query):
            if row.organisation_id not in outer:
                master = await self.master(row.master_version)
                outer[row.organisation_id] = master.unwrap(row.wrapped, row.organisation_id)
            found[person_id] = outer[row.organisation_id].unwrap(wrapped, person_id)
            self._remember(person_id, found[person_id])
        return found

    def _remember(self, person_id: UUID, key: DataKey) -> None:
        self._opened[person_id] = (self._clock.now(), key)
        self._opened.move_to_end(person_id)
        if len(self._opened) > _MOST_REMEMBERED:
            self._opened.popitem(last=False)

    async def move_person(self, session: AsyncSession, person_id: UUID, organisation_id: UUID) -> None:
        """Wrap a person's key by another organisation's, when they leave the one that held it."""
        row = await session.get(PersonKeyRow, person_id)
        if row is not None and row.organisation_id != organisation_id:
            key = await self.person(session, person_id)
            row.wrapped = key.rewrap_under(await self.organisation(session, organisation_id))
            row.organisation_id = organisation_id

    async def destroy_person(self, session: AsyncSession, person_id: UUID) -> None:
        """Destroy a person's data key: nothing that it sealed opens again. In older copies the ledger does the same."""
        await session.execute(delete(PersonKeyRow).where(PersonKeyRow.person_id == person_id))
        self._opened.pop(person_id, None)

    async def destroy_organisation(self, session: AsyncSession, organisation_id: UUID) -> None:
        """Destroy an organisation's key, and with it what it wrapped."""
        await session.execute(delete(OrganisationKeyRow).where(OrganisationKeyRow.organisation_id == organisation_id))
        self._opened.clear()
