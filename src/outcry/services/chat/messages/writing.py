"""What a person writes: its text as it is stored, and what belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import InvalidInputError
from outcry.kit.text import clean_text
from outcry.services.chat.contracts import GONE
from outcry.services.chat.errors import MessageNotFoundError
from outcry.services.chat.files.attaching import attach_files
from outcry.services.chat.messages.mentions import NamedPerson, note_mentions, read_mentions
from outcry.services.chat.models import MemberRow, MessageRow
from outcry.services.chat.settings import ChatSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a message has besides its text: whom its words name, the message that it answers or shows, and its files."""

    mentions: Sequence[NamedPerson] = ()
    quote_id: UUID | None = None
    file_ids: Sequence[UUID] = ()


NO_EXTRAS = Extras()


def clean_message(text: str, settings: ChatSettings, *, may_be_empty: bool = False) -> str:
    """Return a message's text as it is stored; raises InvalidInputError for too much, and for none unless it may be."""
    cleaned = clean_text(text)
    if not cleaned and not may_be_empty:
        raise InvalidInputError("A message needs some text.")
    if len(cleaned) > settings.longest_message:
        raise InvalidInputError(f"A message can have {settings.longest_message:,} characters at most.")
    return cleaned


async def add_extras(session: AsyncSession, row: MessageRow, extras: Extras) -> None:
    """Write what belongs to a new message beside it.

    Raises MessageNotFoundError for a quote of what its author may not read, or nobody any more; FileMissingError.
    """
    if extras.quote_id is not None:
        quoted = await _quoted(session, row, extras.quote_id)
        row.quote_room_id, row.quote_id, row.quote_sequence = quoted.room_id, quoted.id, quoted.sequence
    if extras.file_ids:
        row.files = await attach_files(session, row, extras.file_ids)
    row.mentions = read_mentions(row.text, extras.mentions)
    if row.mentions:
        # The message first: what names people refers to it.
        await session.flush()
        await note_mentions(session, row)


async def _quoted(session: AsyncSession, row: MessageRow, quote_id: UUID) -> MessageRow:
    query = (
        select(MessageRow)
        .join(MemberRow, (MemberRow.room_id == MessageRow.room_id) & (MemberRow.user_id == row.author_id))
        .where(MessageRow.id == quote_id, MessageRow.tenant_id == row.tenant_id, MessageRow.status.not_in(GONE))
    )
    quoted: MessageRow | None = await session.scalar(query)
    if quoted is None:
        raise MessageNotFoundError("The message that is quoted is not there.")
    return quoted
