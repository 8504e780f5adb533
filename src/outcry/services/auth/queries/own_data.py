"""Everything that the auth service holds of a person, as they get it: no hashes, no seeds, nothing of others."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import UnauthenticatedError
from outcry.ports.database import Database
from outcry.services.auth.directory import Directory
from outcry.services.auth.models.access import ApiKeyRow, SessionRow
from outcry.services.auth.models.factors import (
    CredentialRow,
    DeviceRow,
    IdentityRow,
    PasskeyRow,
    RecoveryCodeRow,
    TotpRow,
)
from outcry.services.auth.models.metadata import Base
from outcry.services.auth.models.people import InvitationRow, MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.queries.factors import IDENTITY_EMAIL
from outcry.services.auth.vault import Vault

# What is given of each kind of row, besides what has to be opened first.
_SHOWN: dict[str, tuple[type[Base], str]] = {
    "sessions": (
        SessionRow,
        "id organisation_id methods created_at last_seen_at expires_at user_agent address ended_at end_reason",
    ),
    "api_keys": (
        ApiKeyRow,
        "id organisation_id name prefix scopes created_at expires_at last_used_at revoked_at",
    ),
    "devices": (DeviceRow, "id user_agent address created_at last_used_at expires_at"),
    "passkeys": (PasskeyRow, "id name transports backed_up created_at last_used_at"),
    "totp": (TotpRow, "created_at last_used_at"),
    "password": (CredentialRow, "changed_at"),
    "recovery_codes": (RecoveryCodeRow, "created_at used_at"),
}


class OwnData:
    """Reads it."""

    def __init__(self, database: Database, vault: Vault, directory: Directory) -> None:
        self._database = database
        self._vault = vault
        self._directory = directory

    async def read(self, person_id: UUID) -> dict[str, Any]:
        """Return it by kind, ready to be written as JSON; raises UnauthenticatedError when the person is gone."""
        async with self._database.reading() as session:
            person = await session.get(PersonRow, person_id)
            if person is None or person.erased_at is not None:
                raise UnauthenticatedError()
            found: dict[str, Any] = {
                "profile": await self._profile(session, person),
                "organisations": await _organisations(session, person_id),
            }
            for kind, (table, columns) in _SHOWN.items():
                theirs = select(table).where(table.__table__.c.person_id == person_id)
                found[kind] = _show(list(await session.scalars(theirs)), columns)
            found["identities"] = await self._identities(session, person_id)
            found["invitations_sent"] = await self._invitations(session, person_id)
        return found

    async def _profile(self, session: AsyncSession, person: PersonRow) -> dict[str, Any]:
        named = await self._directory.open_person(session, person)
        shown = _show([person], "id email_verified_at time_zone locale created_at")[0]
        return {"name": named.name, "email": named.email, **shown}

    async def _identities(self, session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
        key = await self._vault.person(session, person_id)
        rows = await session.scalars(select(IdentityRow).where(IdentityRow.person_id == person_id))
        columns = "id provider issuer subject created_at last_used_at"
        return [
            {
                **_show([row], columns)[0],
                "email": key.open(row.sealed_email, IDENTITY_EMAIL) if row.sealed_email else None,
            }
            for row in rows
        ]

    async def _invitations(self, session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
        """Return those that they sent; to whom is not theirs, and stays out."""
        rows = await session.scalars(select(InvitationRow).where(InvitationRow.invited_by == person_id))
        return _show(list(rows), "id organisation_id role room_id created_at expires_at accepted_at revoked_at")


async def _organisations(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(MembershipRow, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == MembershipRow.organisation_id)
        .where(MembershipRow.person_id == person_id)
    )
    columns = "organisation_id role room_id joined_at disabled_at"
    return [{"name": name, **_show([row], columns)[0]} for row, name in await session.execute(query)]


def _show(rows: Sequence[Base], columns: str) -> list[dict[str, Any]]:
    return [{column: getattr(row, column) for column in columns.split()} for row in rows]
