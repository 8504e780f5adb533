"""What people see of how long rooms keep messages, and administrators of what is held."""

from uuid import UUID

from sqlalchemy import select

from outcry.kit.errors import InvalidInputError
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.events import HeldMessagesRead
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import to_authors
from outcry.services.chat.names import Names
from outcry.services.chat.retention.contracts import HeldMessage, Hold, Keeping
from outcry.services.chat.retention.holds import is_held
from outcry.services.chat.retention.models import EVERYWHERE, HeldMessageRow, HoldRow
from outcry.services.chat.retention.rules import rule_of


class RetentionQueries:
    """Reads it. That somebody read what is held is itself told."""

    def __init__(self, *, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

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
        people = {row.author_id for row in rows}
        authors = {each.id: each for each in to_authors(people, await self._names.of(principal.tenant_id, people))}
        items = tuple(
            HeldMessage(
                message_id=row.message_id,
                room_id=row.room_id,
                sequence=row.sequence,
                author=authors[row.author_id],
                text=row.text,
                record=row.record,
                written_at=row.written_at,
            )
            for row in rows[:count]
        )
        return Page(items=items, next_cursor=encode_cursor(items[-1].sequence) if len(rows) > count else None)
