"""Reads pictures of people, for those who share an organisation with them."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from outcry.kit.errors import NotFoundError
from outcry.kit.principal import Principal
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.services.auth.models.people import MembershipRow, PersonRow
from outcry.services.auth.pictures import open_picture, picture_key
from outcry.services.auth.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG, and the name of this version of it; without bytes for who has that version."""

    version: str
    png: bytes = field(repr=False)


class PictureQueries:
    """Opens pictures."""

    def __init__(self, database: Database, vault: Vault, blobs: Blobs) -> None:
        self._database = database
        self._vault = vault
        self._blobs = blobs

    async def get_picture(
        self, principal: Principal, person_id: UUID, *, seen: str | None = None, known: str | None = None
    ) -> Picture:
        """Return the picture of a member of the organisation; raises NotFoundError, alike for all others.

        Who does not see the organisation's people (a guest) has to name the version that they have ``seen``: they read
        it on the members and messages of their room, and it cannot be guessed. ``known`` is a version that need not be
        sent again.
        """
        query = (
            select(PersonRow.picture)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(PersonRow.id == person_id, MembershipRow.organisation_id == principal.tenant_id)
        )
        async with self._database.reading() as session:
            version = await session.scalar(query)
            if version is None or not (_sees(principal, person_id) or seen == version):
                raise NotFoundError()
            if version == known:
                return Picture(version=version, png=b"")
            keys = await self._vault.people(session, (person_id,))
        if person_id not in keys:
            raise NotFoundError()
        sealed = await self._blobs.get(picture_key(person_id, version))
        return Picture(version=version, png=open_picture(keys[person_id], sealed))

    async def find_own(self, person_id: UUID) -> bytes | None:
        """Return a person's picture as PNG, None when they have none."""
        async with self._database.reading() as session:
            version = await session.scalar(select(PersonRow.picture).where(PersonRow.id == person_id))
            if version is None:
                return None
            key = await self._vault.person(session, person_id)
        return open_picture(key, await self._blobs.get(picture_key(person_id, version)))


def _sees(principal: Principal, person_id: UUID) -> bool:
    return principal.user_id == person_id or principal.may("auth:member:read")
