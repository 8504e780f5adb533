"""The ways into an account: it must never lose the last one."""

from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.auth.errors import LastWayInError
from outcry.services.auth.models.factors import CredentialRow, IdentityRow, PasskeyRow
from outcry.services.auth.models.people import PersonRow


async def hold_person(session: AsyncSession, person_id: UUID) -> None:
    """Wait for whoever else is changing the factors of this person, and make the next one wait for this commit."""
    await session.execute(select(PersonRow.id).where(PersonRow.id == person_id).with_for_update())


async def has_password(session: AsyncSession, person_id: UUID) -> bool:
    """Say whether a person has a password."""
    return bool(await session.scalar(select(exists().where(CredentialRow.person_id == person_id))))


async def check_way_in(session: AsyncSession, person_id: UUID) -> None:
    """Raise LastWayInError when nothing is left to sign in with; call it after the removing, before the commit.

    Call ``hold_person`` first, so that of two removals at once the second sees the first.
    """
    passkeys = select(func.count()).where(PasskeyRow.person_id == person_id)
    identities = select(func.count()).where(IdentityRow.person_id == person_id)
    if await has_password(session, person_id) or await session.scalar(passkeys) or await session.scalar(identities):
        return
    raise LastWayInError("Without it you could not sign in any more. Add a password or another passkey first.")
