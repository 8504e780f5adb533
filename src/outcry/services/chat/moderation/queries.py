"""What moderators see: who is banned, and what waits for a decision."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.market import from_micros, to_micros
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.contracts import Author
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import MessageRow, RoomRow, to_authors
from outcry.services.chat.moderation.cases import may_decide
from outcry.services.chat.moderation.contracts import Ban, Case, CaseState, OpenCases, Report
from outcry.services.chat.moderation.models import BY_WORDS, CaseRow, ReportRow, RestraintRow
from outcry.services.chat.names import Names
from outcry.services.chat.rights import Right, require

MOST_COUNTED = 100


class ModerationQueries:
    """Reads it, with the names of now."""

    def __init__(self, *, database: Database, names: Names, clock: Clock) -> None:
        self._database = database
        self._names = names
        self._clock = clock

    async def list_bans(self, principal: Principal, room_id: UUID) -> tuple[Ban, ...]:
        """Return who may not come into a room, the newest first; for those who moderate it."""
        query = select(RestraintRow).where(RestraintRow.room_id == room_id, RestraintRow.kind == "ban")
        async with self._database.reading() as session:
            _, own = await room_of(session, principal, room_id)
            require(own, Right.MODERATE)
            rows = list(await session.scalars(query.order_by(RestraintRow.since.desc(), RestraintRow.user_id)))
        now = self._clock.now()
        rows = [row for row in rows if row.holds(now)]
        by_id = await self._authors(principal, {row.user_id for row in rows} | {row.by for row in rows})
        return tuple(Ban(person=by_id[row.user_id], by=by_id[row.by], since=row.since, until=row.until) for row in rows)

    async def list_cases(
        self, principal: Principal, *, state: CaseState, room_id: UUID | None, cursor: str | None, limit: int
    ) -> Page[Case]:
        """Return the cases that are for a person to see, the newest first."""
        count = clamp_limit(limit)
        query = (
            select(CaseRow, MessageRow, RoomRow)
            .join(MessageRow, MessageRow.id == CaseRow.message_id)
            .join(RoomRow, RoomRow.id == CaseRow.room_id)
            .where(may_decide(principal), CaseRow.state == state)
            .order_by(CaseRow.opened_at.desc(), CaseRow.message_id.desc())
            .limit(count + 1)
        )
        if room_id is not None:
            query = query.where(CaseRow.room_id == room_id)
        if cursor:
            query = query.where(_before(cursor))
        async with self._database.reading() as session:
            found = [(case, message, room.title) for case, message, room in await session.execute(query)]
            ids = [case.message_id for case, _, _ in found[:count]]
            reports = list(
                await session.scalars(
                    select(ReportRow).where(ReportRow.message_id.in_(ids)).order_by(ReportRow.at, ReportRow.reporter_id)
                )
            )
        items = await self._cases(principal, found[:count], reports)
        more = len(found) > count
        following = encode_cursor(to_micros(items[-1].opened_at), str(items[-1].message.id)) if more else None
        return Page(items=items, next_cursor=following)

    async def count_open(self, principal: Principal) -> OpenCases:
        """Return how many cases wait for a person; past the most that is counted, that many."""
        waiting = select(CaseRow.message_id).where(may_decide(principal), CaseRow.state == "open").limit(MOST_COUNTED)
        async with self._database.reading() as session:
            count = await session.scalar(select(func.count()).select_from(waiting.subquery()))
        return OpenCases(open=count or 0)

    async def _cases(
        self, principal: Principal, found: Sequence[tuple[CaseRow, MessageRow, str]], reports: Sequence[ReportRow]
    ) -> tuple[Case, ...]:
        people = {row.reporter_id for row in reports} - {BY_WORDS}
        people |= {case.decided_by for case, _, _ in found if case.decided_by}
        authors = await self._authors(principal, people)
        names = await self._names.of(
            principal.tenant_id, set[UUID]().union(*(message.people() for _, message, _ in found))
        )
        by_message: dict[UUID, list[Report]] = defaultdict(list)
        for row in reports:
            by = authors.get(row.reporter_id)
            by_message[row.message_id].append(Report(by=by, reason=row.reason, at=row.at))
        return tuple(
            Case(
                message=message.to_message(names),
                room_title=title,
                state=_state(case.state),
                opened_at=case.opened_at,
                reports=tuple(by_message[case.message_id]),
                decided_by=authors.get(case.decided_by) if case.decided_by else None,
                decided_at=case.decided_at,
                note=case.note,
            )
            for case, message, title in found
        )

    async def _authors(self, principal: Principal, people: set[UUID]) -> dict[UUID, Author]:
        names = await self._names.of(principal.tenant_id, people)
        return {author.id: author for author in to_authors(people, names)}


def _state(stored: str) -> CaseState:
    return "kept" if stored == "kept" else "removed" if stored == "removed" else "open"


def _before(cursor: str) -> ColumnElement[bool]:
    micros, message_id = decode_cursor(cursor, int, str)
    try:
        moment: datetime = from_micros(int(micros))
        last_id = UUID(str(message_id))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
    same = and_(CaseRow.opened_at == moment, CaseRow.message_id < last_id)
    return or_(CaseRow.opened_at < moment, same)
