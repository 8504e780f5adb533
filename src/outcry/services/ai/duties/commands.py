"""What people do about duties: give, propose by words, confirm, change, pause and stop them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import ForbiddenError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.ai.duties.contracts import Duty
from outcry.services.ai.duties.errors import NothingProposedError, TooManyDutiesError
from outcry.services.ai.duties.models import DutyRow
from outcry.services.ai.duties.schedule import Schedule, read_schedule
from outcry.services.ai.duties.store import duties_of, duty_of, schedule_of, tell, to_duty
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.contracts import ChatFacade, Place

CHANGE = "ai:duty:change"
MOST = 10
# What the first summary reaches back to, and how long a proposal waits for its yes.
_FIRST = timedelta(days=1)
_PATIENCE = timedelta(hours=1)
_MODERATORS = frozenset({"owner", "moderator"})


class Duties:
    """Keeps what the assistant was told to do."""

    def __init__(self, *, database: Database, chat: ChatFacade, auth: AuthFacade, clock: Clock) -> None:
        self._database = database
        self._chat = chat
        self._auth = auth
        self._clock = clock

    async def list_all(self, principal: Principal, room_id: UUID) -> tuple[Duty, ...]:
        """Return the duties of a room of the person's."""
        place = await self._place(principal.tenant_id, room_id, principal.user_id)
        heard = place is not None and not place.silenced(self._clock.now())
        async with self._database.reading() as session:
            rows = await duties_of(session, principal.tenant_id, room_id)
        return tuple(to_duty(row, mine=heard and _may_change(row, principal.user_id, place)) for row in rows)

    async def give(self, principal: Principal, room_id: UUID, *, schedule: Schedule, quiet: bool) -> Duty:
        """Have a room summarised from now on."""
        await self._require_place(principal.tenant_id, room_id, principal.user_id)
        row = self._row(principal.tenant_id, room_id, principal.user_id, schedule, quiet=quiet)
        async with self._database.transaction() as transaction:
            await self._add(transaction, row)
            tell(transaction, row, "given", by=principal.user_id)
        return to_duty(row, mine=True)

    async def change(
        self,
        principal: Principal,
        room_id: UUID,
        duty_id: UUID,
        *,
        days: tuple[int, ...] | None = None,
        at: str | None = None,
        zone: str | None = None,
        quiet: bool | None = None,
        active: bool | None = None,
    ) -> Duty:
        """Change when it is due, pause it or let it go on; that also confirms one that was proposed by words."""
        place = await self._voice(principal.tenant_id, room_id, principal.user_id)
        async with self._database.transaction() as transaction:
            row = await self._own(transaction, principal, place, room_id, duty_id)
            before = schedule_of(row)
            schedule = read_schedule(days or before.day_numbers, at or before.at, zone or before.zone)
            row.days, row.minute, row.zone = schedule.days, schedule.minute, schedule.zone
            row.quiet = row.quiet if quiet is None else quiet
            if active is not None:
                self._set(row, active=active)
            row.due_at, row.claimed_until = schedule.next_after(self._clock.now()), None
            tell(transaction, row, row.state if active is not None else "changed", by=principal.user_id)
        return to_duty(row, mine=True)

    async def stop(self, principal: Principal, room_id: UUID, duty_id: UUID) -> None:
        """Take a duty away."""
        place = await self._voice(principal.tenant_id, room_id, principal.user_id)
        async with self._database.transaction() as transaction:
            row = await self._own(transaction, principal, place, room_id, duty_id)
            await transaction.session.delete(row)
            tell(transaction, row, "stopped", by=principal.user_id)

    async def propose(
        self,
        *,
        tenant_id: UUID,
        room_id: UUID,
        person_id: UUID,
        question_id: UUID,
        days: tuple[int, ...],
        at: str,
        quiet: bool,
    ) -> Schedule:
        """Note what somebody asked for by words, in their own zone; it begins when they confirm it."""
        await self._require_asker(tenant_id, room_id, person_id)
        zone = await self._auth.find_time_zone(tenant_id=tenant_id, person_id=person_id)
        schedule = read_schedule(days, at, zone)
        row = self._row(tenant_id, room_id, person_id, schedule, quiet=quiet)
        row.state, row.question_id = "proposed", question_id
        async with self._database.transaction() as transaction:
            for earlier in await duties_of(transaction.session, tenant_id, room_id):
                # One at a time: a yes is to what was asked last.
                if earlier.state == "proposed" and earlier.made_by == person_id:
                    await transaction.session.delete(earlier)
            await self._add(transaction, row)
            tell(transaction, row, "proposed", by=person_id)
        return schedule

    async def confirm(self, *, tenant_id: UUID, room_id: UUID, person_id: UUID, question_id: UUID) -> Schedule:
        """Let begin what somebody asked for; not by the very message that asked for it, so that nothing else says yes.

        Raises NothingProposedError.
        """
        await self._require_asker(tenant_id, room_id, person_id)
        query = (
            select(DutyRow)
            .where(DutyRow.room_id == room_id, DutyRow.tenant_id == tenant_id, DutyRow.made_by == person_id)
            .where(DutyRow.state == "proposed", DutyRow.question_id != question_id)
            .where(DutyRow.made_at > self._clock.now() - _PATIENCE)
        )
        async with self._database.transaction() as transaction:
            row: DutyRow | None = await transaction.session.scalar(query.with_for_update())
            if row is None:
                raise NothingProposedError()
            self._set(row, active=True)
            row.due_at = schedule_of(row).next_after(self._clock.now())
            tell(transaction, row, "active", by=person_id)
        return schedule_of(row)

    def _set(self, row: DutyRow, *, active: bool) -> None:
        if active and row.state != "active":
            # What was said while it rested is not made up for.
            row.covered_until = max(row.covered_until, self._clock.now() - _FIRST)
        row.state, row.problem = "active" if active else "paused", ""

    def _row(self, tenant_id: UUID, room_id: UUID, person_id: UUID, schedule: Schedule, *, quiet: bool) -> DutyRow:
        now: datetime = self._clock.now()
        return DutyRow(
            id=new_id(),
            tenant_id=tenant_id,
            room_id=room_id,
            made_by=person_id,
            days=schedule.days,
            minute=schedule.minute,
            zone=schedule.zone,
            quiet=quiet,
            state="active",
            problem="",
            due_at=schedule.next_after(now),
            covered_until=now - _FIRST,
            made_at=now,
        )

    async def _add(self, transaction: Transaction, row: DutyRow) -> None:
        if len(await duties_of(transaction.session, row.tenant_id, row.room_id)) >= MOST:
            raise TooManyDutiesError()
        transaction.session.add(row)

    async def _own(
        self, transaction: Transaction, principal: Principal, place: Place | None, room_id: UUID, duty_id: UUID
    ) -> DutyRow:
        row = await duty_of(transaction.session, principal.tenant_id, room_id, duty_id)
        if not _may_change(row, principal.user_id, place):
            raise ForbiddenError("Only who gave a duty, and who moderates the room, may change it.")
        return row

    async def _place(self, tenant_id: UUID, room_id: UUID, person_id: UUID) -> Place | None:
        """Return what a room is to somebody; raises NotFoundError for who is not in it."""
        room = await self._chat.get_room(tenant_id=tenant_id, room_id=room_id, person_id=person_id)
        return room.place

    async def _voice(self, tenant_id: UUID, room_id: UUID, person_id: UUID) -> Place | None:
        """Return the same; raises SilencedError for whom a moderator silenced there."""
        place = await self._place(tenant_id, room_id, person_id)
        if place is not None and place.silence is not None:
            place.silence.check(self._clock.now())
        return place

    async def _require_place(self, tenant_id: UUID, room_id: UUID, person_id: UUID) -> None:
        place = await self._voice(tenant_id, room_id, person_id)
        if place is None or not place.posts:
            raise ForbiddenError("You may read this room, and give no duties in it.")

    async def _require_asker(self, tenant_id: UUID, room_id: UUID, person_id: UUID) -> None:
        await self._require_place(tenant_id, room_id, person_id)
        if CHANGE not in await self._auth.common_scopes(tenant_id=tenant_id, ids=(person_id,)):
            raise ForbiddenError("Your role does not let you give duties.")


def _may_change(row: DutyRow, person_id: UUID, place: Place | None) -> bool:
    if place is None or not place.posts:
        return False
    return row.made_by == person_id or place.role in _MODERATORS
