"""What a person does about messages that are sent later: write, list, change and take away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.later.contracts import LaterMessage
from outcry.services.chat.later.errors import LaterNotFoundError, TooManyLaterError
from outcry.services.chat.later.models import LaterRow
from outcry.services.chat.membership import room_of
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.writing import Extras, clean_message
from outcry.services.chat.rights import Right, require
from outcry.services.chat.settings import ChatSettings

MOST_WAITING = 100
FURTHEST = timedelta(days=366)


class LaterMessages:
    """Keeps messages until their time."""

    def __init__(self, *, database: Database, clock: Clock, settings: ChatSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def write(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        text: str,
        due_at: datetime,
        zone: str,
        extras: Extras,
        topic_id: UUID | None,
    ) -> LaterMessage:
        """Keep a message until its time; raises InvalidInputError for one that is past or too far away."""
        cleaned = clean_message(text, self._settings)
        self._check(due_at, zone)
        row = LaterRow(
            id=new_id(),
            tenant_id=principal.tenant_id,
            room_id=room_id,
            user_id=principal.user_id,
            topic_id=topic_id,
            text=cleaned,
            mentions=_dump(extras.mentions),
            quote_id=extras.quote_id,
            due_at=due_at,
            zone=zone,
            made_at=self._clock.now(),
            state="waiting",
            problem="",
        )
        async with self._database.transaction() as transaction:
            session = transaction.session
            _, member = await room_of(session, principal, room_id)
            require(member, Right.POST)
            waiting = select(func.count()).where(LaterRow.user_id == principal.user_id)
            if (await session.scalar(waiting) or 0) >= MOST_WAITING:
                raise TooManyLaterError()
            session.add(row)
        return to_later(row)

    async def list_all(self, principal: Principal) -> tuple[LaterMessage, ...]:
        """Return what waits or could not be sent, what comes first first."""
        query = (
            select(LaterRow)
            .where(LaterRow.user_id == principal.user_id, LaterRow.tenant_id == principal.tenant_id)
            .order_by(LaterRow.due_at, LaterRow.id)
        )
        async with self._database.reading() as session:
            return tuple(to_later(row) for row in await session.scalars(query))

    async def change(
        self, principal: Principal, later_id: UUID, *, text: str | None, due_at: datetime | None, zone: str | None
    ) -> LaterMessage:
        """Give a message other words or another time; one that could not be sent waits again."""
        cleaned = None if text is None else clean_message(text, self._settings)
        async with self._database.transaction() as transaction:
            row = await _own(transaction.session, principal, later_id, self._clock.now())
            self._check(due_at or row.due_at, zone or row.zone)
            row.text = cleaned or row.text
            row.due_at, row.zone = due_at or row.due_at, zone or row.zone
            row.state, row.problem, row.claimed_until = "waiting", "", None
        return to_later(row)

    async def cancel(self, principal: Principal, later_id: UUID) -> None:
        """Take a message away before it is sent."""
        async with self._database.transaction() as transaction:
            row = await _own(transaction.session, principal, later_id, self._clock.now())
            await transaction.session.delete(row)

    def _check(self, due_at: datetime, zone: str) -> None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = {"field": "zone", "message": "is no time zone, such as Europe/Berlin"}
            raise InvalidInputError("This time zone is not known.", errors=(message,)) from error
        now = self._clock.now()
        if not now < due_at <= now + FURTHEST:
            message = {"field": "due_at", "message": "must be in the future, and within a year"}
            raise InvalidInputError("Choose a time in the future, within a year.", errors=(message,))


def to_later(row: LaterRow) -> LaterMessage:
    """Return a message as its person sees it."""
    return LaterMessage(
        id=row.id,
        room_id=row.room_id,
        topic_id=row.topic_id,
        text=row.text,
        due_at=row.due_at,
        zone=row.zone,
        state=cast(Literal["waiting", "failed"], row.state),
        problem=row.problem,
    )


def _dump(mentions: Sequence[NamedPerson]) -> list[dict[str, Any]] | None:
    return [{"label": each.label, "person_id": str(each.person_id)} for each in mentions] or None


async def _own(session: AsyncSession, principal: Principal, later_id: UUID, now: datetime) -> LaterRow:
    """Return a person's own message; one that is just being sent counts as sent."""
    query = select(LaterRow).where(
        LaterRow.id == later_id,
        LaterRow.user_id == principal.user_id,
        LaterRow.tenant_id == principal.tenant_id,
        LaterRow.claimed_until.is_(None) | (LaterRow.claimed_until < now),
    )
    row: LaterRow | None = await session.scalar(query.with_for_update())
    if row is None:
        raise LaterNotFoundError()
    return row
