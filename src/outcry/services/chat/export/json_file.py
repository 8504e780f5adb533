"""An export as JSON: every message on a line of its own, so that it can be read, and counted, as it comes."""

from collections.abc import Iterator, Sequence

from pydantic import TypeAdapter
from pydantic_core import to_json

from outcry.services.chat.contracts import Author, Member, Message, Room, Topic
from outcry.services.chat.export.contracts import ExportHead, ExportPage
from outcry.services.chat.messages.contracts import MessageVersion, ReactionPeople

FORMAT = "outcry-room-export"
VERSION = 1
MEDIA_TYPE = "application/json"

_AUTHOR, _ROOM = TypeAdapter(Author), TypeAdapter(Room)
_MEMBERS, _TOPICS = TypeAdapter(tuple[Member, ...]), TypeAdapter(tuple[Topic, ...])
_MESSAGE = TypeAdapter(Message)
_VERSIONS, _REACTIONS = TypeAdapter(Sequence[MessageVersion]), TypeAdapter(Sequence[ReactionPeople])
# How the room is kept by whoever exports it, and what a device called its message, are nothing of the room.
_OWN = {"archived", "place"}
_DEVICE = {"client_id", "reactions"}


class JsonFile:
    """Writes an export as JSON, all that is known of each message."""

    def begin(self, head: ExportHead) -> bytes:
        """Return everything up to the first message."""
        fields = {
            "format": to_json(FORMAT),
            "version": to_json(VERSION),
            "id": to_json(head.id),
            "exported_at": to_json(head.at),
            "exported_by": _AUTHOR.dump_json(head.by),
            "reason": to_json(head.reason),
            "room": _ROOM.dump_json(head.room, exclude=_OWN),
            "members": _MEMBERS.dump_json(head.members),
            "topics": _TOPICS.dump_json(head.topics),
        }
        lines = b",\n".join(b'"%s":%s' % (name.encode(), value) for name, value in fields.items())
        return b"{\n" + lines + b',\n"messages":[\n'

    def page(self, page: ExportPage, *, first: bool) -> bytes:
        """Return a page of messages; ``first`` where nothing stands before it."""
        lines = b",\n".join(self._messages(page))
        return lines if first or not lines else b",\n" + lines

    def end(self, count: int) -> bytes:
        """Return the end: a file without it was cut off."""
        return b'\n],\n"message_count":%d,\n"complete":true\n}\n' % count

    def _messages(self, page: ExportPage) -> Iterator[bytes]:
        for message in page.messages:
            body = _MESSAGE.dump_json(message, exclude=_DEVICE)[:-1]
            versions, reactions = page.versions.get(message.id), page.reactions.get(message.id)
            yield b'%s,"reactions":%s,"versions":%s}' % (
                body,
                _REACTIONS.dump_json(reactions) if reactions else b"[]",
                _VERSIONS.dump_json(versions) if versions else b"[]",
            )
