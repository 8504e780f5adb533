"""Takes messages away that are older than their room keeps them, in steps that hold the room for a moment each."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from uuid import UUID

from sqlalchemy import delete, select

from outcry.kit.clock import Clock
from outcry.kit.text import clean_line, shorten
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.events import MessagesExpired
from outcry.services.chat.messages.wiping import refresh, wipe
from outcry.services.chat.models import MessageRow, RoomRow
from outcry.services.chat.moderation.models import CaseRow, ReportRow
from outcry.services.chat.posting import TITLE_LENGTH
from outcry.services.chat.retention.holds import is_held
from outcry.services.chat.retention.rules import rule_of
from outcry.services.chat.search.journal import note_message
from outcry.services.chat.topics.models import UNTITLED, TopicRow
from outcry.services.chat.topics.streams import tell_topic

STEP = 100


class Expirer:
    """Raises the floor of rooms. What a crash left is found again by asking once more."""

    def __init__(self, *, changes: Changes, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock

    async def step(self, room_id: UUID) -> int:
        """Take away the oldest messages of a room that are too old, ``STEP`` at most; return how many.

        The rule and the holds are read again under the room's lock: those of now count.
        """
        async with self._changes.of(room_id) as change:
            session = change.session
            room = await session.get(RoomRow, room_id, with_for_update=True)
            if room is None or await is_held(session, room.tenant_id, room_id):
                return 0
            days = (await rule_of(session, room.tenant_id, room_id)).days
            if not days:
                return 0
            before = self._clock.now() - timedelta(days=days)
            oldest = select(MessageRow).where(MessageRow.room_id == room_id, MessageRow.sequence > room.floor)
            rows = (await session.scalars(oldest.order_by(MessageRow.sequence).limit(STEP).with_for_update())).all()
            old = list(takewhile(lambda row: row.created_at < before, rows))
            if old:
                await _expire(change, room, old)
        return len(old)


async def _expire(change: Change, room: RoomRow, rows: Sequence[MessageRow]) -> None:
    session, ids = change.session, [row.id for row in rows]
    titles = {shorten(clean_line(row.text), TITLE_LENGTH): row.text for row in rows}
    await _forget_titles(change, rows)
    for row in rows:
        await wipe(session, row)
        # Whoever still writes the text of the version before stops.
        row.version += 1
        row.status, row.client_id = "expired", None
        row.removed_at = row.removed_by = row.removal_reason = None
        note_message(session, row)
    for table in (ReportRow, CaseRow):
        await session.execute(delete(table).where(table.message_id.in_(ids)))
    room.floor = rows[-1].sequence
    change.forget_shown()
    await refresh(change, room, old=titles.get(room.title, ""))
    change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
    event = MessagesExpired(room_id=room.id, messages=len(rows), floor=room.floor)
    change.publish(event, tenant_id=room.tenant_id, key=str(room.id))


async def _forget_titles(change: Change, rows: Sequence[MessageRow]) -> None:
    """Take the titles of topics away that may be words of these messages."""
    authors = {row.id: row.author_id for row in rows}
    topics = select(TopicRow).where(TopicRow.message_id.in_(authors))
    for topic in await change.session.scalars(topics.with_for_update()):
        if topic.message_id is not None and topic.titled_by == authors[topic.message_id]:
            topic.title, topic.titled_by = UNTITLED, None
            tell_topic(change, topic)
