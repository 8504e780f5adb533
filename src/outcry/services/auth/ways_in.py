"""The ways into an account: it must never lose the last one."""

from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.auth.entrance import second_factors
from outcry.services.auth.errors import LastWayInError, ShortPasswordError
from outcry.services.auth.models.factors import CredentialRow, IdentityRow, PasskeyRow
from outcry.services.auth.password_rules import LEAST
from outcry.services.auth.settings import AuthSettings


async def has_password(session: AsyncSession, person_id: UUID) -> bool:
    """Say whether a person has a password."""
    return bool(await session.scalar(select(exists().where(CredentialRow.person_id == person_id))))


async def check_not_short(session: AsyncSession, person_id: UUID) -> None:
    """Raise ShortPasswordError where a short password stands alone; call it as ``check_way_in``, after a removing."""
    short = await session.scalar(select(CredentialRow.short).where(CredentialRow.person_id == person_id))
    if short and not await second_factors(session, person_id):
        raise ShortPasswordError(
            f"Without a second factor the password needs {LEAST} characters. Choose a longer one first."
        )


async def check_way_in(session: AsyncSession, person_id: UUID, settings: AuthSettings) -> None:
    """Raise LastWayInError when nothing is left to sign in with; call it after the removing, before the commit.

    An account at a provider that the operator has taken away opens nothing any more. Hold the person first
    (``memberships.hold_person``), so that of two removals at once the second sees the first.
    """
    passkeys = select(func.count()).where(PasskeyRow.person_id == person_id)
    issuers = [provider.known_as for provider in settings.oidc]
    identities = select(func.count()).where(IdentityRow.person_id == person_id, IdentityRow.issuer.in_(issuers))
    if await has_password(session, person_id) or await session.scalar(passkeys) or await session.scalar(identities):
        return
    raise LastWayInError("Without it you could not sign in any more. Add another way first, such as a passkey.")


async def forget_identities(session: AsyncSession, person_id: UUID) -> int:
    """Take away the accounts at providers, when the address is proved for the first time; return how many there were.

    Whoever made the account may have done it with the address of another person, to wait for them inside; its keys
    for programs go with them. Second factors stay: no mail takes those away.
    """
    identities = delete(IdentityRow).where(IdentityRow.person_id == person_id).returning(IdentityRow.id)
    return len((await session.scalars(identities)).all())
