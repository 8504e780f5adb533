"""Finds what of a person's due notices is still news to them, and puts it together by rooms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.contracts import GONE
from outcry.services.chat.membership import people_of_rooms
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.notifying.contracts import NoticeChoice
from outcry.services.chat.notifying.handlers import covers, is_told
from outcry.services.chat.notifying.models import NoticeRow
from outcry.services.chat.receipts.models import ReadingRow, TopicReadingRow
from outcry.services.chat.receipts.unread import read_in_stream


@dataclass(slots=True)
class Unseen:
    """What somebody has not read in a room: ``crew`` are the others of one that is called by its people."""

    room: RoomRow
    crew: Sequence[UUID] = ()
    authors: list[UUID] = field(default_factory=list)
    messages: int = 0
    called: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """The notices that were due, by their messages, and what of them is still news; rooms in the order of theirs."""

    message_ids: Sequence[UUID]
    rooms: Sequence[Unseen]

    @property
    def people(self) -> set[UUID]:
        """Everybody who is named in it."""
        return {person for unseen in self.rooms for person in (*unseen.crew, *unseen.authors)}


async def digest_of(
    session: AsyncSession, tenant_id: UUID, person_id: UUID, choice: NoticeChoice, now: datetime
) -> Digest:
    """Read what is due of a person: what they read, left, muted or want no more, and what is gone, is no news."""
    mine = (NoticeRow.tenant_id == tenant_id, NoticeRow.user_id == person_id, NoticeRow.due_at <= now)
    message_ids = list(await session.scalars(select(NoticeRow.message_id).where(*mine)))
    query = (
        select(NoticeRow.called, MessageRow.author_id, MemberRow, RoomRow)
        .join(MessageRow, MessageRow.id == NoticeRow.message_id)
        .join(RoomRow, RoomRow.id == MessageRow.room_id)
        .join(MemberRow, and_(MemberRow.room_id == RoomRow.id, MemberRow.user_id == NoticeRow.user_id))
        .outerjoin(ReadingRow, and_(ReadingRow.room_id == RoomRow.id, ReadingRow.user_id == NoticeRow.user_id))
        .outerjoin(TopicReadingRow, _of_its_topic())
        .where(*mine, MessageRow.status.not_in(GONE), MessageRow.sequence > read_in_stream())
        .order_by(MessageRow.created_at, MessageRow.sequence)
    )
    rooms: dict[UUID, Unseen] = {}
    for called, author_id, member, room in await session.execute(query):
        if not covers(choice.mail, called=called) or not is_told(member, room.kind, called=called, now=now):
            continue
        unseen = rooms.setdefault(room.id, Unseen(room))
        unseen.messages += 1
        unseen.called += called
        if author_id not in unseen.authors:
            unseen.authors.append(author_id)
    crews = await people_of_rooms(session, [unseen.room for unseen in rooms.values()])
    for unseen in rooms.values():
        unseen.crew = [other for other in crews[unseen.room.id] if other != person_id]
    return Digest(message_ids, list(rooms.values()))


def _of_its_topic() -> ColumnElement[bool]:
    return and_(
        TopicReadingRow.room_id == MessageRow.room_id,
        TopicReadingRow.user_id == NoticeRow.user_id,
        TopicReadingRow.topic_id == MessageRow.topic_id,
    )
