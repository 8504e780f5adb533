"""Passkeys as they are stored: challenges given out, and answers to them taken, each once."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.helpers import bytes_to_base64url

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.ports.database import Transaction
from outcry.services.auth.entrance import Entrance
from outcry.services.auth.errors import PasskeyRefusedError, TicketEndedError
from outcry.services.auth.events import PasskeyCloned
from outcry.services.auth.models.factors import PasskeyRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.relying_party import NewPasskey, Options, RelyingParty, bytes_of, key_method
from outcry.services.auth.tickets import Purpose, Ticket, Tickets

CHALLENGE_FOR = timedelta(minutes=5)

# What a challenge is for; an answer to one is none to another.
Use = Literal["sign_in", "second_factor", "step_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyChallenge:
    """What the browser gives to ``navigator.credentials``, and the ticket that goes back with the answer."""

    ticket: str = field(repr=False)
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAnswer:
    """A browser's answer: the PublicKeyCredential as JSON, and the ticket of its challenge."""

    ticket: str = field(repr=False)
    credential: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whose passkey it was, None when nobody knows it; and the methods of RFC 8176, none when it was not right."""

    person_id: UUID | None
    methods: tuple[str, ...] = ()


class Passkeys:
    """Gives challenges out and takes answers, in the caller's transaction, which must commit in any case."""

    def __init__(self, *, party: RelyingParty, tickets: Tickets, entrance: Entrance, clock: Clock) -> None:
        self._party = party
        self._entrance = entrance
        self._tickets = tickets
        self._clock = clock

    async def ask(self, session: AsyncSession, use: Use, person_id: UUID | None = None) -> PasskeyChallenge:
        """Return a challenge for a passkey of this person, or for whichever the browser has."""
        known = await known_passkeys(session, person_id) if person_id else []
        options = self._party.options_to_use(known=known, verified=use != "second_factor")
        return await self.issue(session, "passkey_use", options, {"use": use}, person_id=person_id)

    async def issue(
        self,
        session: AsyncSession,
        purpose: Purpose,
        options: Options,
        data: dict[str, Any],
        *,
        person_id: UUID | None = None,
    ) -> PasskeyChallenge:
        """Return options with the ticket that their challenge is kept in."""
        kept = {**data, "challenge": bytes_to_base64url(options.challenge)}
        ticket = await self._tickets.issue(session, purpose, kept, ttl=CHALLENGE_FOR, person_id=person_id)
        return PasskeyChallenge(ticket=ticket, options=options.options)

    async def take(self, session: AsyncSession, purpose: Purpose, token: str) -> Ticket:
        """Use the ticket of a challenge up; raises TicketEndedError."""
        ticket = await self._tickets.take(session, purpose, token)
        if ticket is None:
            raise TicketEndedError("This took too long. Try again.")
        return ticket

    def read_new(self, ticket: Ticket, answer: PasskeyAnswer) -> NewPasskey:
        """Return the new passkey of an answer; raises PasskeyRefusedError."""
        return self._party.read_new(answer.credential, bytes_of(ticket.data["challenge"]))

    async def store(self, session: AsyncSession, person_id: UUID, made: NewPasskey, name: str) -> PasskeyRow:
        """Write a new passkey; raises PasskeyRefusedError when it is known already, whosever it is."""
        row = PasskeyRow(
            id=new_id(),
            person_id=person_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            transports=list(made.transports),
            backed_up=made.backed_up,
            name=name,
            created_at=self._clock.now(),
        )
        try:
            async with session.begin_nested():
                session.add(row)
        except IntegrityError as error:
            raise PasskeyRefusedError("This passkey was added before.") from error
        return row

    async def use(
        self,
        transaction: Transaction,
        answer: PasskeyAnswer,
        use: Use,
        *,
        person_id: UUID | None = None,
    ) -> Outcome:
        """Take an answer to a challenge that was for this use, and this person; raises TicketEndedError.

        Who signs in by it alone is found by it; the answer must then name them by their handle.
        """
        ticket = await self.take(transaction.session, "passkey_use", answer.ticket)
        if ticket.data["use"] != use or ticket.person_id != person_id:
            raise TicketEndedError("This took too long. Try again.")
        row, handle = await self._find(transaction.session, answer, person_id)
        if row is None:
            return Outcome(person_id=person_id)
        named = answer.credential["response"].get("userHandle")
        if (named is None and person_id is None) or (named is not None and bytes_of(named) != handle):
            return Outcome(person_id=row.person_id)
        return await self._verify(transaction, ticket, answer, row)

    async def _find(
        self, session: AsyncSession, answer: PasskeyAnswer, person_id: UUID | None
    ) -> tuple[PasskeyRow | None, bytes | None]:
        query = (
            select(PasskeyRow, PersonRow.handle)
            .join(PersonRow, PersonRow.id == PasskeyRow.person_id)
            .where(PasskeyRow.credential_id == bytes_of(answer.credential["rawId"]))
        )
        if person_id is not None:
            query = query.where(PasskeyRow.person_id == person_id)
        found = (await session.execute(query)).one_or_none()
        return (found[0], found[1]) if found else (None, None)

    async def _verify(
        self, transaction: Transaction, ticket: Ticket, answer: PasskeyAnswer, row: PasskeyRow
    ) -> Outcome:
        verified = ticket.data["use"] != "second_factor"
        try:
            used = self._party.read_use(answer.credential, bytes_of(ticket.data["challenge"]), row, verified=verified)
        except PasskeyRefusedError:
            return Outcome(person_id=row.person_id)
        if not await self._count(transaction.session, row.id, used.sign_count, used.backed_up):
            seat = await self._entrance.seat_of(transaction.session, row.person_id)
            event = PasskeyCloned(person_id=row.person_id, passkey_id=row.id)
            transaction.publish(event, tenant_id=seat.tenant_id, key=str(row.person_id))
            return Outcome(person_id=row.person_id)
        key = key_method(backed_up=used.backed_up)
        return Outcome(person_id=row.person_id, methods=(key, "user", "mfa") if verified else (key,))

    async def _count(self, session: AsyncSession, passkey_id: UUID, sign_count: int, backed_up: bool) -> bool:
        """Keep the new count; False when it is not higher than the one before (Level 3, section 7.2, step 22).

        Authenticators that do not count send 0 for ever.
        """
        higher = PasskeyRow.sign_count < sign_count if sign_count else PasskeyRow.sign_count == 0
        used = (
            update(PasskeyRow)
            .where(PasskeyRow.id == passkey_id, higher)
            .values(sign_count=sign_count, backed_up=backed_up, last_used_at=self._clock.now())
            .returning(PasskeyRow.id)
        )
        return (await session.execute(used)).scalar_one_or_none() is not None


async def known_passkeys(session: AsyncSession, person_id: UUID) -> list[PasskeyRow]:
    """Return a person's passkeys, the oldest first."""
    query = select(PasskeyRow).where(PasskeyRow.person_id == person_id).order_by(PasskeyRow.created_at, PasskeyRow.id)
    return list(await session.scalars(query))
