"""Showing a factor again, before something that matters."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.credentials import Credentials
from outcry.services.auth.errors import FactorNotOnError, WrongFactorError
from outcry.services.auth.events import StepUpFailed
from outcry.services.auth.identity import Client
from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.passkeys import PasskeyChallenge, Passkeys
from outcry.services.auth.proofs import Proofs, Shown
from outcry.services.auth.provider_step_up import ProviderStepUp, step_up_kinds
from outcry.services.auth.sessions import Seat, Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.throttle import Throttle


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """Until when what was shown last is fresh, None when it is not; and what can be shown to freshen it.

    ``providers`` are the names of those where the person can sign in anew instead; there are some only without
    ``kinds``. Without both, the person has to sign in here again.
    """

    fresh_until: datetime | None
    kinds: tuple[str, ...]
    providers: tuple[str, ...]


class StepUpCommands:
    """Freshens a session."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        settings: AuthSettings,
        credentials: Credentials,
        throttle: Throttle,
        sessions: Sessions,
        announcer: Announcer,
        proofs: Proofs,
        passkeys: Passkeys,
        providers: ProviderStepUp,
    ) -> None:
        self._database = database
        self._clock = clock
        self._fresh = timedelta(minutes=settings.step_up_minutes)
        self._credentials = credentials
        self._throttle = throttle
        self._sessions = sessions
        self._announcer = announcer
        self._proofs = proofs
        self._passkeys = passkeys
        self._providers = providers

    async def get_step_up(self, principal: Principal) -> StepUp:
        """Say how fresh the session is."""
        query = select(SessionRow.fresh_at).where(
            SessionRow.id == principal.session_id, SessionRow.person_id == principal.user_id
        )
        async with self._database.reading() as session:
            fresh_at = await session.scalar(query)
            kinds = await step_up_kinds(session, principal.user_id)
            providers = await self._providers.list_names(session, principal.user_id)
        until = fresh_at + self._fresh if fresh_at else None
        fresh_until = until if until and until > self._clock.now() else None
        return StepUp(fresh_until=fresh_until, kinds=kinds, providers=providers)

    async def ask_passkey(self, principal: Principal) -> PasskeyChallenge:
        """Return a challenge for the person's passkeys; raises FactorNotOnError, PasskeysUnavailableError."""
        async with self._database.transaction() as transaction:
            await self._check_kind(transaction.session, principal, "passkey")
            return await self._passkeys.ask(transaction.session, "step_up", principal.user_id)

    async def show_factor(self, principal: Principal, client: Client, shown: Shown) -> StepUp:
        """Freshen the session by a second factor; raises FactorNotOnError, WrongFactorError, RateLimitedError."""
        await self._throttle.admit_factor(principal.user_id, client.address, shown.kind)
        seat = Seat(person_id=principal.user_id, tenant_id=principal.tenant_id, role=principal.role)
        async with self._database.transaction() as transaction:
            await self._check_kind(transaction.session, principal, shown.kind)
            methods = await self._proofs.check(transaction, seat, client, shown, use="step_up")
            await self._conclude(transaction, principal, methods)
        return await self._answer(principal, client, right=bool(methods))

    async def show_password(self, principal: Principal, client: Client, password: str) -> StepUp:
        """Freshen the session by the password, which is enough only for who has no second factor."""
        await self._throttle.admit_factor(principal.user_id, client.address, "password")
        async with self._database.reading() as session:
            await self._check_kind(session, principal, "password")
        right = await self._credentials.verify(principal.user_id, password)
        async with self._database.transaction() as transaction:
            # Looked at again: a second factor may have been switched on meanwhile.
            await self._check_kind(transaction.session, principal, "password")
            await self._conclude(transaction, principal, ("pwd",) if right else ())
        return await self._answer(principal, client, right=right)

    async def _check_kind(self, session: AsyncSession, principal: Principal, kind: str) -> None:
        kinds = await step_up_kinds(session, principal.user_id)
        if kind not in kinds:
            raise FactorNotOnError(f"Show one of these: {', '.join(kinds)}." if kinds else "Sign in again instead.")

    async def _conclude(self, transaction: Transaction, principal: Principal, methods: tuple[str, ...]) -> None:
        if methods:
            await self._sessions.freshen(transaction, principal.session_id, methods)
            return
        person_id = principal.user_id
        event = StepUpFailed(person_id=person_id, session_id=principal.session_id)
        transaction.publish(event, tenant_id=principal.tenant_id, key=str(person_id), actor_id=person_id)

    async def _answer(self, principal: Principal, client: Client, *, right: bool) -> StepUp:
        if not right:
            await self._throttle.failed(client.address)
            raise WrongFactorError()
        await self._throttle.factor_succeeded(principal.user_id, client.address)
        await self._announcer.changed([principal.user_id])
        return await self.get_step_up(principal)
