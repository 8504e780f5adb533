"""Sessions: families of refresh tokens that rotate, so that a stolen one shows itself (RFC 9700, section 4.14.2).

Each refresh gives a new token, the child. An answer may get lost on its way, and two tabs may ask at once; so the
parent works on until a child of it is used for the first time. From then on a token that is neither the one used last
(``head_id``) nor a child of it can only come from somebody who kept it, and the whole family is ended.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.errors import SessionEndedError, WrongCredentialsError
from outcry.services.auth.events import RefreshReused, SessionEnded, SessionMoved, SignedIn, SignedOut
from outcry.services.auth.identity import Client
from outcry.services.auth.memberships import hold_person
from outcry.services.auth.models.access import RefreshTokenRow, SessionRow
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.plans import plan_of
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.tickets import fingerprint, new_token

_LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A person in an organisation, in a role."""

    person_id: UUID
    tenant_id: UUID
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a browser gets: a session, and the one refresh token that it is to use next.

    ``others`` are people whose sessions ended for it; who opens the grant announces that after the commit.
    """

    session_id: UUID
    seat: Seat
    refresh_token: str = field(repr=False)
    expires_at: datetime
    others: frozenset[UUID] = frozenset()


class Sessions:
    """Begins, goes on with and ends sessions."""

    def __init__(self, database: Database, clock: Clock, settings: AuthSettings, announcer: Announcer) -> None:
        self._database = database
        self._clock = clock
        self._idle = timedelta(days=settings.refresh_days)
        self._longest = timedelta(days=settings.session_days)
        self._announcer = announcer

    async def begin(
        self, transaction: Transaction, seat: Seat, client: Client, *, methods: tuple[str, ...], fresh: bool = True
    ) -> Grant:
        """Begin a session inside the caller's transaction; raises WrongCredentialsError when the seat is gone.

        The one that the browser had ends, and the plan's oldest excess ones (ASVS 5.0, 7.2.4 and 7.1.2).
        ``methods`` are authentication methods of RFC 8176; ``fresh`` says that every factor was shown just now.
        """
        now = self._clock.now()
        family = SessionRow(
            id=new_id(),
            person_id=seat.person_id,
            organisation_id=seat.tenant_id,
            methods=list(methods),
            fresh_at=now if fresh else None,
            created_at=now,
            last_seen_at=now,
            expires_at=now + self._longest,
            user_agent=client.user_agent,
            address=client.address,
        )
        await hold_person(transaction.session, seat.person_id)
        # Asked again now: they may have been removed, disabled or erased since the seat was found.
        if await self._find_seat(transaction.session, family) is None:
            raise WrongCredentialsError()
        replaced = await self._replace(transaction, client)
        ended = [*replaced, *await self._make_room(transaction, seat.person_id, seat.tenant_id)]
        transaction.session.add(family)
        await transaction.session.flush()
        grant = await self._grow(transaction.session, family, seat, parent_id=None)
        event = SignedIn(person_id=seat.person_id, session_id=family.id, methods=tuple(methods))
        transaction.publish(event, tenant_id=seat.tenant_id, key=str(seat.person_id), actor_id=seat.person_id)
        return replace(grant, others=frozenset(row.person_id for row in ended))

    async def _replace(self, transaction: Transaction, client: Client) -> list[SessionRow]:
        """End the session that the browser comes with; return it."""
        found = await self._find_family(transaction.session, client.refresh_token) if client.refresh_token else None
        rows = [found[0]] if found else []
        self._end_rows(transaction, rows, "replaced")
        return rows

    async def find(self, session: AsyncSession, token: str | None) -> tuple[UUID, UUID] | None:
        """Return the live session of a refresh token, and its person."""
        found = await self._find_family(session, token) if token else None
        return (found[0].id, found[0].person_id) if found else None

    async def _make_room(
        self, transaction: Transaction, person_id: UUID, organisation_id: UUID, *, but: UUID | None = None
    ) -> list[SessionRow]:
        """End and return the sessions, least recently seen first, that would be more than the plan allows.

        The caller holds the person, so that of two sign-ins at once the second counts the first.
        """
        rows = transaction.session
        plan = await rows.scalar(select(OrganisationRow.plan).where(OrganisationRow.id == organisation_id))
        live = (
            select(SessionRow)
            .where(
                SessionRow.person_id == person_id,
                SessionRow.organisation_id == organisation_id,
                SessionRow.ended_at.is_(None),
                SessionRow.expires_at > self._clock.now(),
            )
            .order_by(SessionRow.last_seen_at.desc(), SessionRow.id.desc())
        )
        others = [row for row in await rows.scalars(live) if row.id != but]
        excess = others[plan_of(plan or "").sessions - 1 :]
        self._end_rows(transaction, excess, "too_many", person_id)
        return excess

    def _end_rows(
        self, transaction: Transaction, rows: list[SessionRow], reason: str, actor_id: UUID | None = None
    ) -> None:
        for family in rows:
            self._end(family, reason)
            event = SessionEnded(person_id=family.person_id, session_id=family.id, reason=reason)
            key = str(family.person_id)
            transaction.publish(event, tenant_id=family.organisation_id, key=key, actor_id=actor_id)

    async def end_all(
        self,
        transaction: Transaction,
        person_id: UUID,
        *,
        reason: str,
        but: UUID | None = None,
        organisation_id: UUID | None = None,
        only: UUID | None = None,
        actor_id: UUID | None = None,
    ) -> int:
        """End a person's live sessions in the caller's transaction, who announces it after the commit; count them.

        ``but`` is a session that goes on; ``only`` names the single one to end; ``organisation_id`` narrows to one
        organisation.
        """
        query = select(SessionRow).where(SessionRow.person_id == person_id, SessionRow.ended_at.is_(None))
        if but is not None:
            query = query.where(SessionRow.id != but)
        if only is not None:
            query = query.where(SessionRow.id == only)
        if organisation_id is not None:
            query = query.where(SessionRow.organisation_id == organisation_id)
        rows = list(await transaction.session.scalars(query.order_by(SessionRow.id).with_for_update()))
        self._end_rows(transaction, rows, reason, actor_id or person_id)
        return len(rows)

    async def freshen(self, transaction: Transaction, session_id: UUID, methods: tuple[str, ...]) -> None:
        """Note that the person of a session has just shown a factor; the caller announces it after the commit."""
        row = await transaction.session.get(SessionRow, session_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            raise SessionEndedError()
        row.fresh_at = self._clock.now()
        row.methods = sorted({*row.methods, *methods})

    async def move(
        self, transaction: Transaction, principal: Principal, token: str, client: Client, organisation_id: UUID
    ) -> Grant:
        """Let the principal's session go on in another organisation, as a refresh of its token does.

        Call last in a transaction, which must be undone when this raises SessionEndedError: the person is not (or not
        any more) a member there, or the token may not be used. It raises UnauthenticatedError for a cookie that is of
        another session than the access token. The caller announces it after the commit.
        """
        rows = transaction.session
        await hold_person(rows, principal.user_id)
        found = await self._find_family(rows, token)
        if found is None:
            raise SessionEndedError()
        family, known = found
        if (family.id, family.person_id) != (principal.session_id, principal.user_id):
            raise UnauthenticatedError()
        await self._make_room(transaction, family.person_id, organisation_id, but=family.id)
        before_id, family.organisation_id = family.organisation_id, organisation_id
        grant = await self._rotate(transaction, family, known, client)
        if grant is None:
            raise SessionEndedError()
        if before_id != organisation_id:
            event = SessionMoved(person_id=family.person_id, session_id=family.id, before_id=before_id)
            key = str(family.person_id)
            transaction.publish(event, tenant_id=organisation_id, key=key, actor_id=family.person_id)
        return grant

    async def refresh(self, token: str, client: Client) -> Grant:
        """Return a child of a refresh token; raises SessionEndedError, and ends the family of a token used up."""
        async with self._database.transaction() as transaction:
            found = await self._find_family(transaction.session, token)
            grant = await self._rotate(transaction, *found, client) if found else None
        if grant is None:
            if found:
                await self._announcer.changed([found[0].person_id])
            raise SessionEndedError()
        return grant

    async def end(self, token: str) -> None:
        """End the session of a refresh token, whichever of the family it is; nothing happens when there is none."""
        async with self._database.transaction() as transaction:
            found = await self._find_family(transaction.session, token)
            if found is None:
                return
            family = found[0]
            self._end(family, "signed_out")
            event = SignedOut(person_id=family.person_id, session_id=family.id)
            transaction.publish(
                event, tenant_id=family.organisation_id, key=str(family.person_id), actor_id=family.person_id
            )
        await self._announcer.changed([family.person_id])

    async def _find_family(self, session: AsyncSession, token: str) -> tuple[SessionRow, RefreshTokenRow] | None:
        """Return the live session of a token, locked until the transaction ends, and the token; else None."""
        if len(token) > _LONGEST_TOKEN:
            return None
        known = await session.scalar(select(RefreshTokenRow).where(RefreshTokenRow.token_hash == fingerprint(token)))
        if known is None or known.expires_at <= self._clock.now():
            return None
        # The lock comes first and the state is read after it: of two refreshes at once the second sees the first.
        family = await session.scalar(select(SessionRow).where(SessionRow.id == known.session_id).with_for_update())
        if family is None or family.ended_at is not None or family.expires_at <= self._clock.now():
            return None
        return family, known

    async def _rotate(
        self, transaction: Transaction, family: SessionRow, token: RefreshTokenRow, client: Client
    ) -> Grant | None:
        if family.head_id not in (token.id, token.parent_id):
            self._end(family, "refresh_reused")
            event = RefreshReused(person_id=family.person_id, session_id=family.id)
            transaction.publish(event, tenant_id=family.organisation_id, key=str(family.person_id))
            return None
        seat = await self._find_seat(transaction.session, family)
        if seat is None:
            return None
        now = self._clock.now()
        token.confirmed_at = token.confirmed_at or now
        family.head_id = token.id
        family.last_seen_at = now
        family.address, family.user_agent = client.address, client.user_agent
        too_old = delete(RefreshTokenRow).where(
            RefreshTokenRow.session_id == family.id, RefreshTokenRow.expires_at <= now
        )
        await transaction.session.execute(too_old, execution_options={"synchronize_session": False})
        return await self._grow(transaction.session, family, seat, parent_id=token.id)

    async def _find_seat(self, session: AsyncSession, family: SessionRow) -> Seat | None:
        """Return where the session's person sits, None when they are disabled or left the organisation."""
        role = await session.scalar(
            select(MembershipRow.role)
            .join(PersonRow, PersonRow.id == MembershipRow.person_id)
            .where(
                MembershipRow.person_id == family.person_id,
                MembershipRow.organisation_id == family.organisation_id,
                MembershipRow.disabled_at.is_(None),
                PersonRow.disabled_at.is_(None),
            )
        )
        if role is None:
            return None
        return Seat(person_id=family.person_id, tenant_id=family.organisation_id, role=role)

    async def _grow(self, session: AsyncSession, family: SessionRow, seat: Seat, *, parent_id: UUID | None) -> Grant:
        """Add a token to the family. It ends with the family at the latest."""
        now = self._clock.now()
        token = new_token()
        expires_at = min(now + self._idle, family.expires_at)
        values = {
            "id": new_id(),
            "session_id": family.id,
            "parent_id": parent_id,
            "token_hash": fingerprint(token),
            "created_at": now,
            "expires_at": expires_at,
        }
        await session.execute(insert(RefreshTokenRow).values(values))
        return Grant(session_id=family.id, seat=seat, refresh_token=token, expires_at=expires_at)

    def _end(self, family: SessionRow, reason: str) -> None:
        family.ended_at = self._clock.now()
        family.end_reason = reason
