"""What the chat service tells the others."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from outcry.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Event):
    """A person posted a message. ``reply_wanted`` says that the AI is in the room and should answer it.

    ``mentions`` are the people whom it names, HERE_ID for everybody in the room; ``addressed`` says that
    it names the AI.

    The text is not in it: who may read it asks for it, and what is erased is not kept by an outbox or a bus.
    """

    name: ClassVar[str] = "chat.message_posted.v1"

    room_id: UUID
    message_id: UUID
    sequence: int
    author_id: UUID
    reply_wanted: bool
    mentions: tuple[UUID, ...] = ()
    addressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(Event):
    """A person gave their message another text. ``mentions`` are those whom it names now and did not before.

    ``reply_wanted`` says that it calls the AI now and did not before, soon after it was posted.
    """

    name: ClassVar[str] = "chat.message_edited.v1"

    room_id: UUID
    message_id: UUID
    sequence: int
    author_id: UUID
    mentions: tuple[UUID, ...] = ()
    addressed: bool = False
    reply_wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRemoved(Event):
    """A message's words are gone: ``act`` is ``removed`` or ``withdrawn``; ``moderated`` that somebody else did it."""

    name: ClassVar[str] = "chat.message_removed.v1"

    room_id: UUID
    message_id: UUID
    sequence: int
    author_id: UUID
    act: str
    moderated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged(Event):
    """A room is other than before.

    ``act`` is ``made``, ``renamed``, ``described``, ``kind`` (it has another one now, in place of ``was``), ``joined``,
    ``left``, ``role`` or ``handed_over``. ``person_id`` is who joined or left, or who has another ``role`` in place of
    ``was``; ``owner_id`` is who owns the room then. ``title`` is the new title where nobody chose it. What somebody
    chose are their words: they are sealed under the key of ``sealed_for``, as ``{"after.title": …}`` of base64. The
    older words stand in the event that gave them, sealed for whoever chose those.
    """

    name: ClassVar[str] = "chat.room_changed.v1"

    room_id: UUID
    act: str
    kind: str
    owner_id: UUID | None = None
    person_id: UUID | None = None
    title: str | None = None
    sealed: dict[str, str] = field(default_factory=dict)
    sealed_for: UUID | None = None
    role: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLinkChanged(Event):
    """A link to a room was ``made``, ``revoked`` or ``used``: by ``person_id``, who came in with this role."""

    name: ClassVar[str] = "chat.room_link_changed.v1"

    link_id: UUID
    room_id: UUID
    act: str
    role: str
    guests: bool
    expires_at: datetime
    most_uses: int | None = None
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomExported(Event):
    """A person began to export a room, as its ``owner`` or as an ``admin`` of the organisation: ``role``.

    An admin's reason is their words: it is sealed under the key of ``person_id``, as ``{"after.reason": …}``.
    """

    name: ClassVar[str] = "chat.room_exported.v1"

    export_id: UUID
    room_id: UUID
    person_id: UUID
    form: str
    messages: int
    role: str
    sealed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreviewsSwitched(Event):
    """Somebody chose for their organisation whether the links of messages are looked at."""

    name: ClassVar[str] = "chat.link_previews_switched.v1"

    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomModerated(Event):
    """A room is looked after otherwise than before, or all rooms of the organisation where there is no ``room_id``.

    ``act`` is ``silenced``, ``unsilenced``, ``banned`` or ``unbanned`` (of ``person_id``, ``until`` a time if it has an
    end), ``slow_mode`` (in seconds) or ``words`` (how many there are); ``was`` and ``now`` are those numbers.
    """

    name: ClassVar[str] = "chat.room_moderated.v1"

    room_id: UUID | None
    act: str
    person_id: UUID | None = None
    until: datetime | None = None
    was: int = 0
    now: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReviewed(Event):
    """A message was ``reported`` (by a list of words where there is no actor), then ``kept`` or ``removed``."""

    name: ClassVar[str] = "chat.message_reviewed.v1"

    room_id: UUID
    message_id: UUID
    author_id: UUID
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionChanged(Event):
    """How long a room keeps messages is other than before, or of the organisation where there is no ``room_id``.

    ``act`` is ``rule`` (``was`` and ``now`` are days, 0 for good, None for no rule of its own), ``held`` (nothing goes
    any more) or ``released``.
    """

    name: ClassVar[str] = "chat.retention_changed.v1"

    room_id: UUID | None
    act: str
    was: int | None = None
    now: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesExpired(Event):
    """So many messages of a room were older than it keeps them: their words are gone, up to the sequence ``floor``."""

    name: ClassVar[str] = "chat.messages_expired.v1"

    room_id: UUID
    messages: int
    floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessagesRead(Event):
    """Somebody read so many messages that were taken away under a hold."""

    name: ClassVar[str] = "chat.held_messages_read.v1"

    room_id: UUID
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFileRead(Event):
    """Somebody was given the bytes of a file whose message was taken away under a hold."""

    name: ClassVar[str] = "chat.held_file_read.v1"

    room_id: UUID
    message_id: UUID
    file_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStopped(Event):
    """Somebody in the room stopped a reply; the message is already marked."""

    name: ClassVar[str] = "chat.reply_stopped.v1"

    room_id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRetried(Event):
    """Somebody in the room wants a question answered again."""

    name: ClassVar[str] = "chat.reply_retried.v1"

    room_id: UUID
    question_id: UUID
    sequence: int
    author_id: UUID
