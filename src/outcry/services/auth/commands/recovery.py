"""Choosing a password: by a link in a mail, or while signed in."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth import letters
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.challenging import Challenger
from outcry.services.auth.contracts import ConfirmationSent, FactorNeeded
from outcry.services.auth.credentials import Credentials, Prepared
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance, SignedInBrowser
from outcry.services.auth.errors import LinkInvalidError, WrongCredentialsError
from outcry.services.auth.events import CredentialChanged
from outcry.services.auth.identity import Client, Email, read_email
from outcry.services.auth.key_news import revoke_keys
from outcry.services.auth.mailing import Letter, Mailing
from outcry.services.auth.memberships import hold_person
from outcry.services.auth.models.factors import DeviceRow
from outcry.services.auth.models.people import MembershipRow, PersonRow
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Ticket, Tickets
from outcry.services.auth.ways_in import check_way_in, forget_identities

RECOVER_PAGE = "/recover"


class RecoveryCommands:
    """Gives people new passwords. A second factor that is on stays on, whatever the mail box says."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        directory: Directory,
        credentials: Credentials,
        throttle: Throttle,
        challenger: Challenger,
        tickets: Tickets,
        mailing: Mailing,
        sessions: Sessions,
        entrance: Entrance,
        announcer: Announcer,
        settings: AuthSettings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory
        self._credentials = credentials
        self._throttle = throttle
        self._challenger = challenger
        self._tickets = tickets
        self._mailing = mailing
        self._sessions = sessions
        self._entrance = entrance
        self._announcer = announcer
        self._minutes = settings.link_minutes
        self._settings = settings

    async def ask(self, *, email: str, client: Client) -> ConfirmationSent:
        """Send a link to choose a new password; one answer and one amount of work, whether there is an account.

        An address without one gets a letter that says so. Raises InvalidInputError for what is no address, and
        RateLimitedError for who asks too often.
        """
        address = read_email(email)
        await self._challenger.check_asking(client)
        if await self._throttle.admit_mail(address.key, client.address):
            await self._send_link(address)
        return ConfirmationSent()

    async def _send_link(self, address: Email) -> None:
        async with self._database.transaction() as transaction:
            rows = transaction.session
            person_id = await self._find_person(rows, address)
            token = await self._tickets.issue(
                rows, "recovery", {}, ttl=timedelta(minutes=self._minutes), person_id=person_id
            )
            if person_id is None:
                letter = letters.nothing_to_recover()
            else:
                letter = letters.recover(self._mailing.link(RECOVER_PAGE, token), minutes=self._minutes)
            await self._mailing.queue(transaction, address.shown, letter, person_id=person_id)

    async def finish(self, *, token: str, password: str, client: Client) -> SignedInBrowser | FactorNeeded:
        """Set the new password of a link, end every session, and go on as after a right password.

        Raises LinkInvalidError, InvalidInputError with the reason why the password is not taken (the link works on),
        and RateLimitedError.
        """
        await self._throttle.admit_address(client.address)
        async with self._database.reading() as session:
            ticket = await self._tickets.find(session, "recovery", token)
        if ticket is None or ticket.person_id is None:
            await self._throttle.failed(client.address)
            raise LinkInvalidError()
        prepared = await self._credentials.prepare(ticket.person_id, password)
        await self._replace(ticket, token, prepared)
        await self._announcer.changed([ticket.person_id])
        return await self._entrance.admit(ticket.person_id, client, methods=("pwd",))

    async def _replace(self, ticket: Ticket, token: str, prepared: Prepared) -> None:
        person_id = ticket.person_id
        async with self._database.transaction() as transaction:
            rows = transaction.session
            if person_id is None or await self._tickets.take(rows, "recovery", token) is None:
                raise LinkInvalidError()
            seat = await self._entrance.seat_of(rows, person_id)
            await self._credentials.write(transaction, person_id, prepared, tenant_id=seat.tenant_id)
            await self._sessions.end_all(transaction, person_id, reason="recovered")
            # Whatever else is under way was begun by who knew the old password, and may not be the same person.
            await self._tickets.withdraw(rows, person_id, "recovery", "second_factor", "email")
            await rows.execute(delete(DeviceRow).where(DeviceRow.person_id == person_id))
            await self._prove_address(transaction, person_id, seat.tenant_id)
            await self._tell(transaction, person_id, recovered=True)

    async def _prove_address(self, transaction: Transaction, person_id: UUID, tenant_id: UUID) -> None:
        """Note that the link reached the person; the first time, take away what was set up before that."""
        now = self._clock.now()
        first = update(PersonRow).where(PersonRow.id == person_id, PersonRow.email_verified_at.is_(None))
        proved = await transaction.session.execute(first.values(email_verified_at=now).returning(PersonRow.id))
        if proved.scalar_one_or_none() is None:
            return
        await revoke_keys(transaction, self._directory, person_id, now, actor_id=person_id)
        for _ in range(await forget_identities(transaction.session, person_id)):
            event = CredentialChanged(person_id=person_id, what="identity", act="removed")
            transaction.publish(event, tenant_id=tenant_id, key=str(person_id), actor_id=person_id)

    async def set_password(self, principal: Principal, *, password: str, present: str | None, client: Client) -> None:
        """Give who is signed in another password, or a first one; their other sessions end.

        Raises InvalidInputError with the reason, also where the ``present`` one is not right (ASVS 5.0, 6.2.3), and
        RateLimitedError.
        """
        await self._check_present(principal.user_id, present, client)
        prepared = await self._credentials.prepare(principal.user_id, password)
        person_id, tenant_id = principal.user_id, principal.tenant_id
        async with self._database.transaction() as transaction:
            await self._credentials.write(transaction, person_id, prepared, tenant_id=tenant_id)
            await self._sessions.end_all(transaction, person_id, reason="password_changed", but=principal.session_id)
            await self._tickets.withdraw(transaction.session, person_id, "recovery", "second_factor")
            await self._tell(transaction, person_id, recovered=False)
        await self._announcer.changed([person_id])

    async def _check_present(self, person_id: UUID, present: str | None, client: Client) -> None:
        if not await self._credentials.exists(person_id):
            return
        await self._throttle.admit_factor(person_id, client.address, "password")
        if present is None or not await self._credentials.verify(person_id, present):
            await self._throttle.failed(client.address)
            reason = "This is not your present password." if present else "Type your present password too."
            raise InvalidInputError(reason, errors=({"field": "present", "message": reason},))

    async def remove_password(self, principal: Principal) -> None:
        """Take somebody's password away; raises LastWayInError where nothing else signs them in."""
        person_id = principal.user_id
        async with self._database.transaction() as transaction:
            rows = transaction.session
            # Held, so that the last passkey is not taken away at the same moment.
            await hold_person(rows, person_id)
            if not await self._credentials.remove(transaction, person_id, tenant_id=principal.tenant_id):
                return
            await check_way_in(rows, person_id, self._settings)
            await self._tickets.withdraw(rows, person_id, "recovery", "second_factor")
            letter = letters.password_removed(self._clock.now(), recover_link=self._mailing.page(RECOVER_PAGE))
            await self._queue(transaction, person_id, letter)

    async def _find_person(self, session: AsyncSession, address: Email) -> UUID | None:
        """Return whose address this is, None when they were disabled or are in no organisation."""
        query = (
            select(PersonRow.id)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(
                PersonRow.email_index == self._directory.index(address),
                PersonRow.disabled_at.is_(None),
                MembershipRow.disabled_at.is_(None),
            )
            .limit(1)
        )
        found: UUID | None = await session.scalar(query)
        return found

    async def _tell(self, transaction: Transaction, person_id: UUID, *, recovered: bool) -> None:
        letter = letters.password_changed(
            self._clock.now(), recovered=recovered, recover_link=self._mailing.page(RECOVER_PAGE)
        )
        await self._queue(transaction, person_id, letter)

    async def _queue(self, transaction: Transaction, person_id: UUID, letter: Letter) -> None:
        row = await transaction.session.get(PersonRow, person_id)
        if row is None:
            raise WrongCredentialsError()
        person = await self._directory.open_person(transaction.session, row)
        await self._mailing.queue(transaction, person.email, letter, person_id=person_id)
