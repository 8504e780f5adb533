"""Signing in by a provider: sending the browser there, and reading what it brings back."""

import hmac
import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, OutcryError
from outcry.kit.market import from_micros, to_micros
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.ports.identity_provider import Errand, ForeignIdentity
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.contracts import FactorNeeded
from outcry.services.auth.entrance import Entrance, SignedInBrowser
from outcry.services.auth.errors import (
    EmailTakenError,
    IdentityTakenError,
    LinkFirstError,
    ProviderDeniedError,
    SignInLostError,
)
from outcry.services.auth.events import NO_TENANT, SignInFailed
from outcry.services.auth.identities import Identities
from outcry.services.auth.identity import Client
from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.provider_step_up import ProviderStepUp
from outcry.services.auth.providers import Provider, Providers
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Ticket, Tickets, fingerprint, new_token

log = logging.getLogger(__name__)

# How long somebody may take at the provider.
TRIP = timedelta(minutes=10)
# A path of ours: no second slash or backslash that a browser would read as another host, nothing that cannot be seen.
_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")
_LONGEST_PATH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAway:
    """Where the browser goes, and what it keeps in a cookie to be known by when it is back."""

    url: str
    state: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the browser brought back in the address, and in its cookie."""

    code: str = field(repr=False)
    state: str = field(repr=False)
    issuer: str | None
    error: str
    cookie: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Where the person wanted to go, and what came of it; ``result`` is None for who was signed in already."""

    path: str
    signed_in: bool = False
    result: SignedInBrowser | FactorNeeded | None = None
    problem: str = ""


class OpenidCommands:
    """Signs people in by providers, and connects providers with accounts."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        tickets: Tickets,
        throttle: Throttle,
        sessions: Sessions,
        announcer: Announcer,
        entrance: Entrance,
        identities: Identities,
        providers: Providers,
        step_ups: ProviderStepUp,
    ) -> None:
        self._database = database
        self._clock = clock
        self._tickets = tickets
        self._throttle = throttle
        self._sessions = sessions
        self._announcer = announcer
        self._entrance = entrance
        self._identities = identities
        self._providers = providers
        self._step_ups = step_ups

    async def start(
        self,
        name: str,
        *,
        path: str,
        client: Client,
        device_token: str | None = None,
        principal: Principal | None = None,
        again: bool = False,
    ) -> SentAway:
        """Send a browser to a provider; for a ``principal`` the provider is connected with their account.

        With ``again`` the principal's session is freshened instead. Raises NotFoundError, InvalidInputError for a
        path that is not ours, UnavailableError, RateLimitedError for a stranger who begins very often, and
        FactorNotOnError.
        """
        provider = self._providers.get(name)
        if principal is None:
            await self._throttle.admit_challenge(client.address)
        nonce, verifier, cookie = new_token(), new_token(), new_token()
        data: dict[str, Any] = {
            "provider": name,
            "nonce": nonce,
            "verifier": verifier,
            "browser": fingerprint(cookie).hex(),
            "path": own_path(path),
            "device": device_token[:200] if device_token else None,
            "session": str(principal.session_id) if principal else None,
            "tenant": str(principal.tenant_id) if principal else None,
            "since": to_micros(self._clock.now()) if again else None,
        }
        async with self._database.transaction() as transaction:
            if principal and again:
                await self._step_ups.check(transaction.session, principal.user_id, provider)
            # The cookies of sessions and devices are strict: they do not come along when the provider sends it back.
            had = await self._sessions.find(transaction.session, client.refresh_token)
            data["had"] = [str(part) for part in had] if had else None
            person_id = principal.user_id if principal else None
            state = await self._tickets.issue(transaction.session, "oidc", data, ttl=TRIP, person_id=person_id)
        url = await provider.engine.address(self._errand(provider, state, data))
        return SentAway(url=url, state=state, cookie=cookie)

    def _errand(self, provider: Provider, state: str, data: dict[str, Any]) -> Errand:
        return Errand(
            redirect_uri=self._providers.redirect_uri(provider),
            state=state,
            nonce=data["nonce"],
            verifier=data["verifier"],
            since=from_micros(data["since"]) if data.get("since") else None,
        )

    async def finish(self, name: str, answer: Answer, client: Client) -> Arrival:
        """Read what a browser brought back. What goes wrong is in the arrival: the browser has to land somewhere."""
        path, signed_in, ticket = "/", False, None
        try:
            ticket = await self._take(name, answer)
            path, signed_in = ticket.data["path"], ticket.person_id is not None
            provider = self._providers.get(name)
            if answer.error:
                raise ProviderDeniedError()
            errand = self._errand(provider, answer.state, ticket.data)
            identity = await provider.engine.identify(errand, code=answer.code, issuer=answer.issuer)
            if signed_in:
                await self._go_on(provider, identity, ticket)
                return Arrival(path=path, signed_in=True)
            person_id = await self._find_or_adopt(provider, identity)
            result = await self._entrance.admit(person_id, client, methods=("fed",), device_token=ticket.data["device"])
            if isinstance(result, SignedInBrowser):
                await self._end_former(ticket)
            return Arrival(path=path, result=result)
        except OutcryError as error:
            await self._note_failure(name, error, ticket)
            return Arrival(path=path, signed_in=signed_in, problem=error.code)

    async def _go_on(self, provider: Provider, identity: ForeignIdentity, ticket: Ticket) -> None:
        """Do what a signed-in person went to the provider for."""
        if not ticket.data.get("since"):
            await self._link(provider, identity, ticket)
            return
        assert ticket.person_id is not None  # noqa: S101  # the caller looked
        async with self._database.transaction() as transaction:
            await self._step_ups.freshen(transaction, ticket, identity, provider)
        await self._announcer.changed([ticket.person_id])

    async def _end_former(self, ticket: Ticket) -> None:
        """End the session that the browser had when it left: its cookie is another one now."""
        if ticket.data["had"] is None:
            return
        session_id, person_id = (UUID(part) for part in ticket.data["had"])
        async with self._database.transaction() as transaction:
            await self._sessions.end_all(transaction, person_id, reason="replaced", only=session_id)
        await self._announcer.changed([person_id])

    async def disconnect(self, principal: Principal, identity_id: UUID) -> None:
        """Disconnect one of the person's identities; raises IdentityNotFoundError, LastWayInError."""
        async with self._database.transaction() as transaction:
            await self._identities.disconnect(
                transaction,
                person_id=principal.user_id,
                tenant_id=principal.tenant_id,
                identity_id=identity_id,
            )

    async def _take(self, name: str, answer: Answer) -> Ticket:
        """Use the ticket up, whatever comes of it: an answer that was given once is never taken again."""
        async with self._database.transaction() as transaction:
            ticket = await self._tickets.take(transaction.session, "oidc", answer.state) if answer.state else None
        cookie = fingerprint(answer.cookie).hex() if answer.cookie else ""
        if ticket is None or ticket.data["provider"] != name:
            raise SignInLostError()
        if not hmac.compare_digest(cookie, ticket.data["browser"]):
            raise SignInLostError()
        return ticket

    async def _find_or_adopt(self, provider: Provider, identity: ForeignIdentity) -> UUID:
        for _ in range(2):
            # Of two who come with the same new identity at once, the second finds what the first has written.
            try:
                return await self._find_or_adopt_once(provider, identity)
            except (EmailTakenError, IdentityTakenError):
                continue
        raise LinkFirstError()

    async def _find_or_adopt_once(self, provider: Provider, identity: ForeignIdentity) -> UUID:
        async with self._database.transaction() as transaction:
            known = await self._identities.find(transaction.session, identity)
            if known is not None:
                return known
            return await self._identities.adopt(transaction, provider, identity)

    async def _link(self, provider: Provider, identity: ForeignIdentity, ticket: Ticket) -> None:
        """Connect with the account of the session that sent the browser away, if that session goes on."""
        assert ticket.person_id is not None  # noqa: S101  # the caller looked
        async with self._database.transaction() as transaction:
            query = select(SessionRow.organisation_id).where(
                SessionRow.id == UUID(ticket.data["session"]),
                SessionRow.person_id == ticket.person_id,
                SessionRow.ended_at.is_(None),
                SessionRow.expires_at > self._clock.now(),
            )
            tenant_id = await transaction.session.scalar(query)
            if tenant_id is None:
                raise SignInLostError()
            await self._entrance.seat_of(transaction.session, ticket.person_id)
            known = await self._identities.find(transaction.session, identity)
            if known == ticket.person_id:
                return
            if known is not None:
                raise IdentityTakenError()
            await self._identities.connect(
                transaction, provider, identity, person_id=ticket.person_id, tenant_id=tenant_id
            )

    async def _note_failure(self, name: str, error: OutcryError, ticket: Ticket | None) -> None:
        if error.status >= 500:
            log.error("sign-in by %s: %s", name, error, exc_info=error)
        async with self._database.transaction() as transaction:
            if ticket is not None and ticket.data.get("since"):
                self._step_ups.note_failure(transaction, ticket)
                return
            event = SignInFailed(person_id=None)
            transaction.publish(event, tenant_id=NO_TENANT, key="None")


def own_path(text: str) -> str:
    """Return a path of our own pages; raises InvalidInputError for anything that could lead elsewhere."""
    if len(text) <= _LONGEST_PATH and _PATH.fullmatch(text) and "\\" not in text and "#" not in text:
        return text
    message = "This has to be a path of this site, such as /rooms."
    raise InvalidInputError(message, errors=({"field": "next", "message": message},))
