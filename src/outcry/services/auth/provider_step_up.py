"""Signing in anew at a provider before something that matters, for who has nothing else to show.

The provider is asked to let the person prove again who they are (OpenID Connect Core 1.0, section 3.1.2.1: ``prompt``
and ``max_age``), and has to say when they did. GitHub cannot be asked: whoever has nothing but that signs in again.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.ports.database import Transaction
from outcry.ports.identity_provider import ForeignIdentity
from outcry.services.auth.entrance import second_factors
from outcry.services.auth.errors import FactorNotOnError, WrongFactorError
from outcry.services.auth.events import StepUpFailed
from outcry.services.auth.models.factors import IdentityRow
from outcry.services.auth.providers import Provider, Providers
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.tickets import Ticket
from outcry.services.auth.ways_in import has_password


async def step_up_kinds(session: AsyncSession, person_id: UUID) -> tuple[str, ...]:
    """Return what a person can show here: a second factor where one is on, else the password."""
    factors = await second_factors(session, person_id)
    if factors:
        return factors
    return ("password",) if await has_password(session, person_id) else ()


class ProviderStepUp:
    """Freshens sessions by what a provider proves."""

    def __init__(self, providers: Providers, sessions: Sessions) -> None:
        self._providers = providers
        self._sessions = sessions

    async def list_names(self, session: AsyncSession, person_id: UUID) -> tuple[str, ...]:
        """Return the names of the providers that a person may prove themselves to, instead of showing a factor."""
        if await step_up_kinds(session, person_id):
            return ()
        theirs = set(await session.scalars(select(IdentityRow.issuer).where(IdentityRow.person_id == person_id)))
        return tuple(each.name for each in self._providers.list() if each.asks_again and each.issuer in theirs)

    async def check(self, session: AsyncSession, person_id: UUID, provider: Provider) -> None:
        """Raise FactorNotOnError for a provider that is none of ``list_names``."""
        if provider.name not in await self.list_names(session, person_id):
            raise FactorNotOnError("This provider cannot be used to confirm that it is you.")

    async def freshen(
        self, transaction: Transaction, ticket: Ticket, identity: ForeignIdentity, provider: Provider
    ) -> None:
        """Freshen the session that sent its browser away; raises WrongFactorError for somebody else's identity."""
        assert ticket.person_id is not None  # noqa: S101  # only a signed-in person is sent away for this
        # Looked at again: a second factor may have been switched on meanwhile.
        await self.check(transaction.session, ticket.person_id, provider)
        theirs = select(IdentityRow.id).where(
            IdentityRow.person_id == ticket.person_id,
            IdentityRow.issuer == identity.issuer,
            IdentityRow.subject == identity.subject,
        )
        if await transaction.session.scalar(theirs) is None:
            raise WrongFactorError("This is not the account that is connected with yours. Sign in there as yourself.")
        await self._sessions.freshen(transaction, UUID(ticket.data["session"]), ("fed",))

    def note_failure(self, transaction: Transaction, ticket: Ticket) -> None:
        """Tell that somebody signed in could not prove that it is they."""
        assert ticket.person_id is not None  # noqa: S101  # only a signed-in person is sent away for this
        session_id, tenant_id = UUID(ticket.data["session"]), UUID(ticket.data["tenant"])
        event = StepUpFailed(person_id=ticket.person_id, session_id=session_id)
        transaction.publish(event, tenant_id=tenant_id, key=str(ticket.person_id), actor_id=ticket.person_id)
