"""The door: what follows once a first factor was right, whichever it was."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.ports.database import Database, Transaction
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.contracts import FactorNeeded, Session
from outcry.services.auth.errors import WrongCredentialsError
from outcry.services.auth.identity import Client
from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.models.factors import DeviceRow, PasskeyRow, RecoveryCodeRow, TotpRow
from outcry.services.auth.models.people import MembershipRow, PersonRow
from outcry.services.auth.queries.people import AuthQueries
from outcry.services.auth.sessions import Grant, Seat, Sessions
from outcry.services.auth.tickets import Tickets, fingerprint

# How long a right password waits for its second factor.
FACTOR_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInBrowser:
    """What an endpoint answers with: the session for the page, the refresh token for a cookie of so many seconds.

    ``device_token`` is for the cookie of a browser that need not show the second factor again; None leaves it alone.
    """

    session: Session
    refresh_token: str = field(repr=False)
    refresh_expires_in: int
    device_token: str | None = field(default=None, repr=False)


async def second_factors(session: AsyncSession, person_id: UUID) -> tuple[str, ...]:
    """Return the second factors that a person can show: among ``totp``, ``passkey`` and ``recovery_code``.

    Recovery codes stand in for a factor; by themselves they switch nothing on.
    """
    found = (
        await session.execute(
            select(
                exists().where(TotpRow.person_id == person_id),
                exists().where(PasskeyRow.person_id == person_id),
                exists().where(RecoveryCodeRow.person_id == person_id, RecoveryCodeRow.used_at.is_(None)),
            )
        )
    ).one()
    totp, passkey, codes = found
    names = (("totp", totp), ("passkey", passkey), ("recovery_code", codes and (totp or passkey)))
    return tuple(name for name, there in names if there)


class Entrance:
    """Opens sessions for people whose factors were right, or asks for the second one."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        tickets: Tickets,
        sessions: Sessions,
        tokens: AccessTokens,
        queries: AuthQueries,
        announcer: Announcer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._tickets = tickets
        self._sessions = sessions
        self._tokens = tokens
        self._queries = queries
        self._announcer = announcer

    async def admit(
        self, person_id: UUID, client: Client, *, methods: tuple[str, ...], device_token: str | None = None
    ) -> SignedInBrowser | FactorNeeded:
        """Go on after one right factor: a session, or a ticket where a second factor is on and was not remembered.

        Raises WrongCredentialsError for somebody who was disabled or is in no organisation.
        """
        async with self._database.transaction() as transaction:
            factors = await second_factors(transaction.session, person_id)
            remembered = bool(factors) and await self._is_remembered(transaction.session, person_id, device_token)
            if factors and not remembered:
                seat = await self.seat_of(transaction.session, person_id)
                ticket = await self._tickets.issue(
                    transaction.session,
                    "second_factor",
                    {"methods": list(methods)},
                    ttl=FACTOR_WITHIN,
                    person_id=seat.person_id,
                )
                expires_in = int(FACTOR_WITHIN.total_seconds())
                return FactorNeeded(ticket=ticket, factors=factors, expires_in=expires_in)
            grant = await self.begin(transaction, person_id, client, methods=methods, fresh=not remembered)
        return await self.open(grant)

    async def begin(
        self,
        transaction: Transaction,
        person_id: UUID,
        client: Client,
        *,
        methods: tuple[str, ...],
        fresh: bool = True,
    ) -> Grant:
        """Begin a session in the caller's transaction, in the organisation where the person was last."""
        seat = await self.seat_of(transaction.session, person_id)
        return await self._sessions.begin(transaction, seat, client, methods=methods, fresh=fresh)

    async def open(self, grant: Grant, *, device_token: str | None = None) -> SignedInBrowser:
        """Return what a browser gets for a session that was begun or refreshed; call after the commit."""
        await self._announcer.changed(grant.others)
        seat = grant.seat
        access_token = await self._tokens.issue(
            person_id=seat.person_id, tenant_id=seat.tenant_id, role=seat.role, session_id=grant.session_id
        )
        me = await self._queries.get_me(person_id=seat.person_id, tenant_id=seat.tenant_id)
        expires_in = int((grant.expires_at - self._clock.now()).total_seconds())
        return SignedInBrowser(
            session=Session(access_token=access_token, expires_in=self._tokens.lifetime_s, me=me),
            refresh_token=grant.refresh_token,
            refresh_expires_in=max(0, expires_in),
            device_token=device_token,
        )

    async def seat_of(self, session: AsyncSession, person_id: UUID) -> Seat:
        """Return where a person sits: in the organisation of their last session, else the one they joined first."""
        last = (
            select(SessionRow.last_seen_at)
            .where(SessionRow.person_id == person_id, SessionRow.organisation_id == MembershipRow.organisation_id)
            .order_by(SessionRow.last_seen_at.desc())
            .limit(1)
            .correlate(MembershipRow)
            .scalar_subquery()
        )
        query = (
            select(MembershipRow.organisation_id, MembershipRow.role)
            .join(PersonRow, PersonRow.id == MembershipRow.person_id)
            .where(
                MembershipRow.person_id == person_id,
                MembershipRow.disabled_at.is_(None),
                PersonRow.disabled_at.is_(None),
            )
            .order_by(last.desc().nulls_last(), MembershipRow.joined_at, MembershipRow.organisation_id)
            .limit(1)
        )
        row = (await session.execute(query)).one_or_none()
        if row is None:
            raise WrongCredentialsError()
        return Seat(person_id=person_id, tenant_id=row[0], role=row[1])

    async def _is_remembered(self, session: AsyncSession, person_id: UUID, device_token: str | None) -> bool:
        if not device_token:
            return False
        used = (
            update(DeviceRow)
            .where(
                DeviceRow.token_hash == fingerprint(device_token),
                DeviceRow.person_id == person_id,
                DeviceRow.expires_at > self._clock.now(),
            )
            .values(last_used_at=self._clock.now())
            .returning(DeviceRow.id)
        )
        return (await session.execute(used)).scalar_one_or_none() is not None
