"""A person's e-mail address: confirmed, changed, and put back when it was somebody else who changed it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import NotFoundError
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth import letters
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.contracts import ConfirmationSent
from outcry.services.auth.directory import Directory
from outcry.services.auth.errors import EmailTakenError, LinkInvalidError
from outcry.services.auth.identity import Client, Email, find_email, read_email
from outcry.services.auth.mailing import Mailing
from outcry.services.auth.models.access import TicketRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.profile_news import publish_changed
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Ticket, Tickets

EMAIL_PAGE = "/email"
UNDO_DAYS = 7


class EmailCommands:
    """Changes addresses. A new one counts once its link was opened; the old one may undo the change for a week."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        directory: Directory,
        throttle: Throttle,
        tickets: Tickets,
        mailing: Mailing,
        sessions: Sessions,
        announcer: Announcer,
        settings: AuthSettings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory
        self._throttle = throttle
        self._tickets = tickets
        self._mailing = mailing
        self._sessions = sessions
        self._announcer = announcer
        self._minutes = settings.link_minutes

    async def change(self, principal: Principal, *, email: str, client: Client) -> ConfirmationSent:
        """Send a link to a new address; nothing changes before it is opened.

        The same where the address is somebody else's: its owner is told, and nobody else. Raises InvalidInputError
        and RateLimitedError.
        """
        address = read_email(email)
        if await self._throttle.admit_mail(address.key, client.address):
            await self._send_link(principal, address, kind="change")
        return ConfirmationSent()

    async def verify(self, principal: Principal, *, client: Client) -> ConfirmationSent:
        """Send a link to the address that the person has; raises RateLimitedError."""
        async with self._database.reading() as session:
            address = await self._address_of(session, principal.user_id)
        if await self._throttle.admit_mail(address.key, client.address):
            await self._send_link(principal, address, kind="verify")
        return ConfirmationSent()

    async def confirm(self, *, token: str, client: Client) -> None:
        """Do what the link of a mail is for; raises LinkInvalidError, EmailTakenError and RateLimitedError."""
        await self._throttle.admit_address(client.address)
        try:
            async with self._database.transaction() as transaction:
                person_id = await self._follow(transaction, token)
        except IntegrityError as error:
            raise EmailTakenError("There is another account with this e-mail address by now.") from error
        except LinkInvalidError:
            await self._throttle.failed(client.address)
            raise
        await self._announcer.changed([person_id])

    async def _send_link(self, principal: Principal, address: Email, *, kind: str) -> None:
        others = exists().where(
            PersonRow.email_index == self._directory.index(address), PersonRow.id != principal.user_id
        )
        async with self._database.transaction() as transaction:
            rows = transaction.session
            taken = bool(await rows.scalar(select(others)))
            data = {"email": address.shown, "kind": kind}
            # Written for an address that is taken too, where nobody ever learns of it: both cost the same.
            token = await self._tickets.issue(
                rows, "email", data, ttl=timedelta(minutes=self._minutes), person_id=principal.user_id
            )
            if taken:
                letter = letters.email_in_use(self._mailing.page("/sign-in"))
            else:
                letter = letters.confirm_email(self._mailing.link(EMAIL_PAGE, token), minutes=self._minutes)
            await self._mailing.queue(transaction, address.shown, letter, person_id=principal.user_id)

    async def _follow(self, transaction: Transaction, token: str) -> UUID:
        rows = transaction.session
        ticket = await self._tickets.take(rows, "email", token) or await self._tickets.take(rows, "email_undo", token)
        if ticket is None or ticket.person_id is None:
            raise LinkInvalidError()
        person = await rows.get(PersonRow, ticket.person_id, with_for_update=True)
        if person is None or person.erased_at is not None:
            raise LinkInvalidError()
        address, before = read_email(ticket.data["email"]), await self._address_of(rows, person.id)
        if ticket.data["kind"] == "verify" and address.key != before.key:
            raise LinkInvalidError()
        person.email_verified_at = self._clock.now()
        if address != before:
            await self._replace(transaction, person.id, ticket, address, before)
        elif ticket.data["kind"] != "undo":
            # The address is as it was; that it is theirs was proved.
            now = {"email": address.shown}
            await publish_changed(transaction, self._directory, person.id, before=now, after=now)
        return person.id

    async def _replace(
        self, transaction: Transaction, person_id: UUID, ticket: Ticket, address: Email, before: Email
    ) -> None:
        rows, now = transaction.session, self._clock.now()
        await self._directory.set_email(rows, person_id, address)
        # Links that went to the old address end, and those that wait to change the new one.
        await self._tickets.withdraw(rows, person_id, "email", "recovery", "second_factor")
        if ticket.data["kind"] == "undo":
            await self._undo(transaction, person_id, ticket)
            letter = letters.email_restored(self._mailing.page("/recover"), when=now)
            await self._mailing.queue(transaction, address.shown, letter, person_id=person_id)
        else:
            await self._offer_undo(transaction, person_id, before)
        was, will = {"email": before.shown}, {"email": address.shown}
        await publish_changed(transaction, self._directory, person_id, before=was, after=will)

    async def _offer_undo(self, transaction: Transaction, person_id: UUID, before: Email) -> None:
        data: dict[str, Any] = {"email": before.shown, "kind": "undo"}
        token = await self._tickets.issue(
            transaction.session, "email_undo", data, ttl=timedelta(days=UNDO_DAYS), person_id=person_id
        )
        link = self._mailing.link(EMAIL_PAGE, token)
        letter = letters.email_changed(link, days=UNDO_DAYS, when=self._clock.now())
        await self._mailing.queue(transaction, before.shown, letter, person_id=person_id)

    async def _undo(self, transaction: Transaction, person_id: UUID, ticket: Ticket) -> None:
        """End every session and the later undo links: those went to addresses of whoever changed it."""
        await self._sessions.end_all(transaction, person_id, reason="email_restored")
        later = delete(TicketRow).where(
            TicketRow.person_id == person_id, TicketRow.purpose == "email_undo", TicketRow.id > ticket.id
        )
        await transaction.session.execute(later)

    async def _address_of(self, session: AsyncSession, person_id: UUID) -> Email:
        row = await session.get(PersonRow, person_id)
        address = find_email((await self._directory.open_person(session, row)).email) if row else None
        if address is None:
            raise NotFoundError()
        return address
