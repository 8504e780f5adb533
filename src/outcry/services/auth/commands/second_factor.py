"""The second half of signing in."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from outcry.ports.database import Database, Transaction
from outcry.services.auth import letters
from outcry.services.auth.devices import Devices
from outcry.services.auth.entrance import Entrance, SignedInBrowser
from outcry.services.auth.errors import TicketEndedError, WrongFactorError
from outcry.services.auth.events import SignInFailed
from outcry.services.auth.factor_news import FactorNews
from outcry.services.auth.identity import Client
from outcry.services.auth.proofs import Proofs, Shown
from outcry.services.auth.sessions import Grant
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Ticket, Tickets

_MOST_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """What a browser sends for the ticket of a sign-in; ``remember`` asks that it need not do so again soon."""

    ticket: str = field(repr=False)
    shown: Shown
    remember: bool
    client: Client


class SecondFactorCommands:
    """Begins the session that a right password, or another first factor, waits for."""

    def __init__(
        self,
        *,
        database: Database,
        tickets: Tickets,
        throttle: Throttle,
        entrance: Entrance,
        proofs: Proofs,
        devices: Devices,
        news: FactorNews,
        settings: AuthSettings,
    ) -> None:
        self._database = database
        self._tickets = tickets
        self._throttle = throttle
        self._entrance = entrance
        self._proofs = proofs
        self._devices = devices
        self._news = news
        self._days = settings.device_days

    async def finish(self, asked: Finish) -> SignedInBrowser:
        """Begin the session; raises TicketEndedError, WrongFactorError and RateLimitedError.

        A ticket has five tries, and a person so many over all tickets: see ``Throttle.admit_code``.
        """
        client = asked.client
        async with self._database.reading() as session:
            person_id = (await self._find(session, asked.ticket)).person_id
        await self._throttle.admit_factor(person_id, client.address, asked.shown.kind)
        async with self._database.transaction() as transaction:
            waiting = await self._find(transaction.session, asked.ticket, held=True)
            grant = await self._begin(transaction, waiting, asked)
            remembered = await self._remember(transaction, grant, client) if grant and asked.remember else None
        if grant is None:
            await self._throttle.failed(client.address)
            raise WrongFactorError()
        await self._throttle.factor_succeeded(person_id, client.address)
        return await self._entrance.open(grant, device_token=remembered)

    async def _find(self, session: AsyncSession, token: str, *, held: bool = False) -> "_Waiting":
        ticket = await self._tickets.find(session, "second_factor", token, held=held)
        if ticket is None or ticket.person_id is None:
            raise TicketEndedError("The sign-in took too long. Begin again.")
        return _Waiting(person_id=ticket.person_id, ticket=ticket)

    async def _begin(self, transaction: Transaction, waiting: "_Waiting", asked: Finish) -> Grant | None:
        rows, person_id = transaction.session, waiting.person_id
        seat = await self._entrance.seat_of(rows, person_id)
        methods = await self._proofs.check(transaction, seat, asked.client, asked.shown, use="second_factor")
        if not methods:
            await self._tickets.count_try(rows, waiting.ticket, most=_MOST_TRIES)
            failed = SignInFailed(person_id=person_id)
            transaction.publish(failed, tenant_id=seat.tenant_id, key=str(person_id))
            return None
        await self._tickets.take(rows, "second_factor", asked.ticket)
        known = tuple(dict.fromkeys((*waiting.ticket.data["methods"], *methods, "mfa")))
        return await self._entrance.begin(transaction, person_id, asked.client, methods=known)

    async def _remember(self, transaction: Transaction, grant: Grant, client: Client) -> str:
        seat = grant.seat
        await self._news.tell(
            transaction,
            letters.device_remembered(self._days, client),
            person_id=seat.person_id,
            tenant_id=seat.tenant_id,
            what="device",
            act="added",
        )
        return await self._devices.remember(transaction.session, seat.person_id, client)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A sign-in whose first factor was right."""

    person_id: UUID
    ticket: Ticket
