"""What reads single messages: as they are, as they were, who reacted, and which are pinned."""

from uuid import UUID

from sqlalchemy import select

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.contracts import GONE, Author, Message
from outcry.services.chat.membership import message_of, room_of
from outcry.services.chat.messages.contracts import MessageVersion, ReactionPeople
from outcry.services.chat.messages.mentions import people_in_mentions
from outcry.services.chat.messages.models import ReactionRow, VersionRow
from outcry.services.chat.models import MessageRow, people_of_messages, to_mentions
from outcry.services.chat.names import FORMER, Names

_MOST_PEOPLE = 2_000


class MessageQueries:
    """Everything that a member of a room can see of one of its messages."""

    def __init__(self, *, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

    async def get(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """Return a message; raises RoomNotFoundError and MessageNotFoundError."""
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            row = await message_of(session, principal.tenant_id, message_id, room_id=room_id)
        return row.to_message(await self._names.of(principal.tenant_id, row.people()))

    async def versions(self, principal: Principal, room_id: UUID, message_id: UUID) -> tuple[MessageVersion, ...]:
        """Return the texts that a message had and has, the first one first; of what is gone, none."""
        query = select(VersionRow).where(VersionRow.message_id == message_id).order_by(VersionRow.number)
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            row = await message_of(session, principal.tenant_id, message_id, room_id=room_id)
            older = list(await session.scalars(query))
        texts = [(each.text, each.mentions, each.written_at) for each in older]
        if row.status not in GONE:
            texts.append((row.text, row.mentions, row.edited_at or row.created_at))
        people = {person_id for _, mentions, _ in texts for person_id in people_in_mentions(mentions)}
        names = await self._names.of(principal.tenant_id, people)
        return tuple(
            MessageVersion(number=number, text=text, mentions=to_mentions(mentions, names), written_at=written_at)
            for number, (text, mentions, written_at) in enumerate(texts, start=1)
        )

    async def reactions(self, principal: Principal, room_id: UUID, message_id: UUID) -> tuple[ReactionPeople, ...]:
        """Return who put what on a message, the oldest first."""
        query = (
            select(ReactionRow.emoji, ReactionRow.user_id)
            .where(ReactionRow.message_id == message_id)
            .order_by(ReactionRow.reacted_at, ReactionRow.user_id)
            .limit(_MOST_PEOPLE)
        )
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            await message_of(session, principal.tenant_id, message_id, room_id=room_id)
            rows = (await session.execute(query)).all()
        names = await self._names.of(principal.tenant_id, (row.user_id for row in rows))
        people: dict[str, list[Author]] = {}
        for row in rows:
            known = names.get(row.user_id, FORMER)
            author = Author(kind="person", id=row.user_id, name=known.name, picture=known.picture)
            people.setdefault(row.emoji, []).append(author)
        return tuple(ReactionPeople(emoji=emoji, people=tuple(authors)) for emoji, authors in people.items())

    async def pins(self, principal: Principal, room_id: UUID) -> tuple[Message, ...]:
        """Return what is pinned to a room, what was pinned last first."""
        query = (
            select(MessageRow)
            .where(MessageRow.room_id == room_id, MessageRow.pinned_at.is_not(None))
            .order_by(MessageRow.pinned_at.desc(), MessageRow.sequence.desc())
        )
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            rows = list(await session.scalars(query))
        names = await self._names.of(principal.tenant_id, people_of_messages(rows))
        return tuple(row.to_message(names) for row in rows)
