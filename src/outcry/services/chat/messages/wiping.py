"""Takes every word of a message out of the database, and what a room's list shows of it."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.text import clean_line, shorten
from outcry.services.chat.changes import Change
from outcry.services.chat.contracts import GONE, RoomUpdate
from outcry.services.chat.files.dropping import drop_files_of_message
from outcry.services.chat.membership import members_of
from outcry.services.chat.messages.models import MentionRow, ReactionRow, VersionRow
from outcry.services.chat.models import MessageRow, RoomRow
from outcry.services.chat.posting import NEW_TITLES, TITLE_LENGTH, preview
from outcry.services.chat.previews.models import UseRow
from outcry.services.chat.retention.holds import keep_if_held
from outcry.services.chat.room_news import tell_named
from outcry.services.chat.roster import people_of


async def wipe(session: AsyncSession, row: MessageRow) -> None:
    """Take away what a message says and said, and what others put on it. Its place, author and client id stay.

    Under a legal hold a copy of its words is kept, with its files, where nobody in the room sees it.
    """
    await keep_if_held(session, row)
    had_files = bool(row.files)
    row.text, row.activity, row.answer, row.cards = "", "", None, None
    row.mentions = row.reactions = row.edited_at = row.files = None
    row.quote_room_id = row.quote_id = row.quote_sequence = None
    row.pinned_at = row.pinned_by = row.stopped_by = row.previews = None
    for kind in (VersionRow, ReactionRow, MentionRow, UseRow):
        await session.execute(delete(kind).where(kind.message_id == row.id))
    if had_files:
        await drop_files_of_message(session, row.id)


async def newest_text(session: AsyncSession, room_id: UUID) -> str:
    """Return the room's preview without what is gone or not yet finished."""
    query = (
        select(MessageRow.text, MessageRow.files)
        .where(MessageRow.room_id == room_id, MessageRow.status.not_in((*GONE, "streaming")))
        .order_by(MessageRow.sequence.desc())
        .limit(1)
    )
    newest = (await session.execute(query)).first()
    return preview(newest.text, newest.files) if newest else ""


async def refresh(change: Change, room: RoomRow, *, old: str) -> None:
    """Let the list of rooms show the newest words that are there, and no title that was made of ``old`` ones."""
    await change.session.flush()
    text = await newest_text(change.session, room.id)
    made = shorten(clean_line(old), TITLE_LENGTH)
    untitled = not room.title_chosen and room.titled_by is not None and room.title == made
    if not untitled and text == room.last_text:
        return
    room.last_text = text
    if untitled:
        room.title, room.titled_by = NEW_TITLES.get(room.kind, ""), None
        tell_named(change.transaction, room, "renamed", actor_id=None)
    change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
    change.tell_lists(people_of(await members_of(change.session, room.id)))
