"""A message that was taken away under a hold, as administrators read it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from outcry.services.chat.contracts import Author
from outcry.services.chat.models import FILES, to_author
from outcry.services.chat.names import Name
from outcry.services.chat.retention.contracts import HeldMessage, HeldReaction, HeldVersion
from outcry.services.chat.retention.models import HeldMessageRow

# These have fields of their own.
_NAMED = ("files", "versions", "reactions")


def people_on(row: HeldMessageRow) -> set[UUID]:
    """Return who wrote a message and who reacted to it."""
    return {row.author_id, *(UUID(each["person_id"]) for each in row.record.get("reactions", ()))}


def to_held_message(row: HeldMessageRow, names: Mapping[UUID, Name]) -> HeldMessage:
    """Return a message by its row, with people by the names that they have now."""
    versions = row.record.get("versions", ())
    reactions = row.record.get("reactions", ())
    return HeldMessage(
        message_id=row.message_id,
        room_id=row.room_id,
        sequence=row.sequence,
        author=to_author(row.author_id, names),
        text=row.text,
        record={name: value for name, value in row.record.items() if name not in _NAMED},
        written_at=row.written_at,
        files=FILES.validate_python(row.record.get("files", ())),
        versions=tuple(HeldVersion(text=each["text"], written_at=_moment(each["written_at"])) for each in versions),
        reactions=tuple(
            HeldReaction(emoji=each["emoji"], person=_author(each["person_id"], names), at=_moment(each["at"]))
            for each in reactions
        ),
    )


def _author(person_id: str, names: Mapping[UUID, Name]) -> Author:
    return to_author(UUID(person_id), names)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
