"""Reads invitations: for admins those of their organisation, for the holder of a token the one that it opens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.errors import InvitationNotFoundError
from outcry.services.auth.models.people import InvitationRow, OrganisationRow
from outcry.services.auth.reading_news import tell_people_read
from outcry.services.auth.tickets import fingerprint
from outcry.services.auth.vault import DataKey, Vault

INVITATION_EMAIL = "invitation.email"
_LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An open invitation as admins see it; ``room_id`` is the one room of a guest."""

    id: UUID
    email: str
    role: str
    room_id: UUID | None
    invited_by: UUID
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLook:
    """What the holder of an invitation's token learns before accepting it."""

    organisation: str
    role: str
    email: str
    expires_at: datetime


def is_open(now: datetime) -> ColumnElement[bool]:
    """Return the condition of an invitation that may still be accepted."""
    return and_(InvitationRow.accepted_at.is_(None), InvitationRow.revoked_at.is_(None), InvitationRow.expires_at > now)


async def find_open(session: AsyncSession, token: str, now: datetime) -> InvitationRow | None:
    """Return the open invitation of a token, as it is in the database now."""
    if len(token) > _LONGEST_TOKEN:
        return None
    query = select(InvitationRow).where(InvitationRow.token_hash == fingerprint(token), is_open(now))
    row: InvitationRow | None = await session.scalar(query.execution_options(populate_existing=True))
    return row


class InvitationQueries:
    """Opens addresses for those who may see them."""

    def __init__(self, database: Database, clock: Clock, vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault

    async def list_open(self, principal: Principal) -> tuple[Invitation, ...]:
        """Return the organisation's open invitations, newest first; there are never more than MOST_OPEN."""
        query = (
            select(InvitationRow)
            .where(InvitationRow.organisation_id == principal.tenant_id, is_open(self._clock.now()))
            .order_by(InvitationRow.created_at.desc(), InvitationRow.id.desc())
        )
        async with self._database.reading() as session:
            key = await self._vault.organisation(session, principal.tenant_id)
            found = tuple(_to_invitation(row, key) for row in await session.scalars(query))
        await tell_people_read(self._database, principal, what="invitations", count=len(found))
        return found

    async def get(self, principal: Principal, invitation_id: UUID) -> Invitation:
        """Return an invitation of the organisation; raises InvitationNotFoundError."""
        query = select(InvitationRow).where(
            InvitationRow.id == invitation_id, InvitationRow.organisation_id == principal.tenant_id
        )
        async with self._database.reading() as session:
            row = await session.scalar(query)
            if row is None:
                raise InvitationNotFoundError()
            return _to_invitation(row, await self._vault.organisation(session, principal.tenant_id))

    async def look(self, token: str) -> InvitationLook:
        """Return what a token opens; raises InvitationNotFoundError, whatever is wrong with it."""
        async with self._database.reading() as session:
            row = await find_open(session, token, self._clock.now())
            organisation = await session.get(OrganisationRow, row.organisation_id) if row else None
            if row is None or organisation is None or organisation.erased_at is not None:
                raise InvitationNotFoundError()
            key = await self._vault.organisation(session, organisation.id)
        return InvitationLook(
            organisation=organisation.name,
            role=row.role,
            email=key.open(row.sealed_email, INVITATION_EMAIL),
            expires_at=row.expires_at,
        )


def _to_invitation(row: InvitationRow, key: DataKey) -> Invitation:
    return Invitation(
        id=row.id,
        email=key.open(row.sealed_email, INVITATION_EMAIL),
        role=row.role,
        room_id=row.room_id,
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
