"""What people see of how long rooms keep messages, and administrators of what is held."""

from typing import cast
from uuid import UUID

from sqlalchemy import func, select

from outcry.kit.errors import InvalidInputError
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.contracts import RoomKind
from outcry.services.chat.events import HeldFileRead, HeldMessagesRead
from outcry.services.chat.files.errors import FileMissingError
from outcry.services.chat.files.keeping import FileStore
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import RoomRow, to_authors
from outcry.services.chat.names import Names
from outcry.services.chat.retention.contracts import HeldMessage, HeldRoom, Hold, Keeping
from outcry.services.chat.retention.copies import people_on, to_held_message
from outcry.services.chat.retention.holds import is_held
from outcry.services.chat.retention.models import EVERYWHERE, HeldMessageRow, HoldRow
from outcry.services.chat.retention.rules import rule_of


class RetentionQueries:
    """Reads it. That somebody read what is held is itself told."""

    def __init__(self, *, database: Database, names: Names, store: FileStore) -> None:
        self._database = database
        self._names = names
        self.store = store

    async def keeping(self, principal: Principal, room_id: UUID) -> Keeping:
        """Return the rule of a room, for everybody in it."""
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            rule = await rule_of(session, principal.tenant_id, room_id)
            held = await is_held(session, principal.tenant_id, room_id)
        return Keeping(days=rule.days, own_days=rule.own, usual_days=rule.usual, held=held)

    async def usual(self, principal: Principal) -> Keeping:
        """Return the rule of the organisation."""
        async with self._database.reading() as session:
            rule = await rule_of(session, principal.tenant_id, EVERYWHERE)
            held = await is_held(session, principal.tenant_id, EVERYWHERE)
        return Keeping(days=rule.usual, own_days=None, usual_days=rule.usual, held=held)

    async def list_holds(self, principal: Principal) -> tuple[Hold, ...]:
        """Return the holds of the organisation, the newest first."""
        query = select(HoldRow).where(HoldRow.tenant_id == principal.tenant_id).order_by(HoldRow.placed_at.desc())
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        people = {row.placed_by for row in rows}
        authors = {each.id: each for each in to_authors(people, await self._names.of(principal.tenant_id, people))}
        return tuple(
            Hold(
                room_id=None if row.room_id == EVERYWHERE else row.room_id,
                reason=row.reason,
                placed_by=authors[row.placed_by],
                placed_at=row.placed_at,
            )
            for row in rows
        )

    async def list_held_rooms(self, principal: Principal, *, cursor: str | None, limit: int) -> Page[HeldRoom]:
        """Return the rooms in which something was taken away under a hold, the oldest room first."""
        count = clamp_limit(limit)
        held, messages = HeldMessageRow.room_id, func.count()
        query = select(held, RoomRow.title, RoomRow.kind, messages).where(
            HeldMessageRow.tenant_id == principal.tenant_id
        )
        if cursor:
            query = query.where(held > _room_id(str(decode_cursor(cursor, str)[0])))
        # A room outlasts what is held in it; the copy of one that did not would still be found.
        query = query.outerjoin(RoomRow, RoomRow.id == held).group_by(held, RoomRow.title, RoomRow.kind)
        async with self._database.reading() as session:
            rows = (await session.execute(query.order_by(held).limit(count + 1))).all()
        items = tuple(
            HeldRoom(room_id=room_id, title=title or "", kind=cast(RoomKind, kind or "private"), messages=number)
            for room_id, title, kind, number in rows[:count]
        )
        return Page(items=items, next_cursor=encode_cursor(str(items[-1].room_id)) if len(rows) > count else None)

    async def list_held(
        self, principal: Principal, room_id: UUID, *, cursor: str | None, limit: int
    ) -> Page[HeldMessage]:
        """Return what was taken away in a room under a hold, oldest first."""
        count, after = clamp_limit(limit), 0
        if cursor:
            after = int(decode_cursor(cursor, int)[0])
            if not 0 <= after < 2**31:
                raise InvalidInputError("The cursor is not one that this list gave out.")
        query = (
            select(HeldMessageRow)
            .where(HeldMessageRow.tenant_id == principal.tenant_id, HeldMessageRow.room_id == room_id)
            .where(HeldMessageRow.sequence > after)
            .order_by(HeldMessageRow.sequence)
            .limit(count + 1)
        )
        async with self._database.transaction() as transaction:
            rows = list(await transaction.session.scalars(query))
            event = HeldMessagesRead(room_id=room_id, messages=len(rows[:count]))
            transaction.publish(event, tenant_id=principal.tenant_id, key=str(room_id), actor_id=principal.user_id)
        names = await self._names.of(principal.tenant_id, {each for row in rows[:count] for each in people_on(row)})
        items = tuple(to_held_message(row, names) for row in rows[:count])
        return Page(items=items, next_cursor=encode_cursor(items[-1].sequence) if len(rows) > count else None)

    async def held_file(self, principal: Principal, file_id: UUID) -> FileRow:
        """Return a file whose message was taken away under a hold, and tell that it was read.

        Raises FileMissingError for every other file: those that are there are had by who is in their room.
        """
        query = select(FileRow).where(FileRow.id == file_id, FileRow.tenant_id == principal.tenant_id, FileRow.held)
        async with self._database.transaction() as transaction:
            row: FileRow | None = await transaction.session.scalar(query)
            if row is None or row.message_id is None:
                raise FileMissingError()
            event = HeldFileRead(room_id=row.room_id, message_id=row.message_id, file_id=row.id)
            transaction.publish(event, tenant_id=principal.tenant_id, key=str(row.room_id), actor_id=principal.user_id)
        return row


def _room_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
