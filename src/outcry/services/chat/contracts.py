"""Rooms and messages as other services and the browser see them."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from outcry.kit.facade import Facade
from outcry.kit.principal import Principal
from outcry.services.chat.files.kinds import MessageFile
from outcry.services.chat.messages.reactions import Reaction
from outcry.services.chat.places import NoticeLevel as NoticeLevel
from outcry.services.chat.places import Place as Place
from outcry.services.chat.places import RoomRole as RoomRole
from outcry.services.chat.places import Silence as Silence
from outcry.services.chat.previews.contracts import LinkPreview

# The AI as a member of rooms: one author for every organisation.
ASSISTANT_ID = UUID("00000000-0000-7000-8000-0000000000a1")
ASSISTANT_NAME = "Desk"
# What is shown in place of the name of somebody who is gone.
FORMER_NAME = "Former member"

RoomKind = Literal["conversation", "open", "private", "direct", "group"]
MessageStatus = Literal[
    "posted", "streaming", "complete", "stopped", "failed", "erased", "removed", "withdrawn", "expired"
]
# Of these no words are left anywhere; they keep their place in the order.
GONE: tuple[MessageStatus, ...] = ("erased", "removed", "withdrawn", "expired")
# Stands for everybody who is in the room, where a person could.
HERE_ID = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A tool's result that an answer leans on. ``result`` is JSON as the tool returned it."""

    id: str
    tool: str
    title: str
    arguments: dict[str, Any]
    result: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure in an answer's text: characters ``start`` up to ``end`` (code points).

    ``source_id`` and ``path`` (a JSON pointer into that source's result or, when it starts with ``#/arguments``, into
    its arguments) say where it stands; both are None for a figure that no tool result contains: unverified.
    """

    start: int
    end: int
    source_id: str | None
    path: str | None

    @property
    def verified(self) -> bool:
        """Whether a tool result contains it."""
        return self.source_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartCard:
    """A small chart inside an answer. ``compare`` draws each symbol's percent change from the start of the window.

    ``indicators`` are entries such as ``{"name": "rsi", "parameters": {"period": 14}}``. ``share_id`` is the snapshot
    of a chart that a person showed: with its drawings, as it was then.
    """

    symbols: tuple[str, ...]
    timeframe: str
    start: datetime | None
    end: datetime | None
    indicators: tuple[dict[str, Any], ...] = ()
    compare: bool = False
    share_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What belongs to an AI reply besides its text.

    ``engine`` names who answered (``desk`` or the model's name); ``notice`` tells the reader what they should know of
    it, such as that the configured server failed; ``as_of`` is the date of the newest data that was used. ``messages``
    are those whose words it repeats: it goes when one of them does.
    """

    engine: str
    notice: str = ""
    as_of: datetime | None = None
    sources: tuple[Source, ...] = ()
    figures: tuple[Figure, ...] = ()
    cards: tuple[ChartCard, ...] = ()
    messages: tuple["QuotedMessage", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote a message: a ``person`` or the ``assistant``; ``picture`` is the version of theirs, if any."""

    kind: Literal["person", "assistant"]
    id: UUID
    name: str
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Characters ``start`` up to ``end`` (code points) of a text that name somebody or something.

    ``person``: ``person_id``, called ``name`` now. ``here``: everybody in the room. ``desk``: the AI. ``symbol``: an
    instrument, as it was typed; whether there is one is found out by who shows it.
    """

    kind: Literal["person", "here", "desk", "symbol"]
    start: int
    end: int
    person_id: UUID | None = None
    name: str = ""
    symbol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedMessage:
    """The message that another one answers or shows. Who may read that room reads it there, as it is now."""

    room_id: UUID
    message_id: UUID
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Who pinned a message to its room, and when."""

    by: Author
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Who removed a message, when, and why if they said so."""

    by: Author
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. ``sequence`` orders the messages of a room and has no gaps.

    ``version`` grows each time the text begins anew (retry, restart). ``activity`` says what the assistant is doing
    while it streams. ``reply_to`` is the question of a reply. ``client_id`` is what its poster called it. An ``erased``
    message has lost its text for good, with its author or because it answered or quoted them. ``cards`` are charts that
    a person shows; those of a reply are in its answer. ``topic_id`` is its topic, None in the main stream.

    ``revision`` grows with every other change: an edit, a reaction, a pin. A ``removed`` message was taken away by who
    wrote it or by a moderator, and its place shows that; a ``withdrawn`` one was taken back at once, and is not shown,
    nor is an ``expired`` one, which is older than its room keeps messages.
    """

    id: UUID
    room_id: UUID
    sequence: int
    version: int
    author: Author
    text: str
    status: MessageStatus
    created_at: datetime
    reply_to: UUID | None = None
    client_id: str | None = None
    activity: str = ""
    answer: Answer | None = None
    cards: tuple[ChartCard, ...] = ()
    topic_id: UUID | None = None
    revision: int = 0
    edited_at: datetime | None = None
    quote: QuotedMessage | None = None
    mentions: tuple[Mention, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    pin: Pin | None = None
    removal: Removal | None = None
    stopped_by: Author | None = None  # of a reply
    files: tuple[MessageFile, ...] = ()
    previews: tuple[LinkPreview, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A message that all people of a room may read, maybe in another room, with the title of that one."""

    message: Message
    room_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A place to talk. ``kind`` says who may come in: see docs/glossary.md, "room".

    A ``direct`` room and most of ``group`` have an empty title: they are called by ``people``, who are in them.
    ``archived``, ``place`` and ``people`` are for the one who asks; what is told to a whole room has the defaults.

    ``slow_s`` is how many seconds are between two messages of a member, 0 without slow mode. Messages up to the
    sequence ``floor`` have expired: they are in no history any more.
    """

    id: UUID
    title: str
    kind: RoomKind
    archived: bool
    created_at: datetime
    last_activity_at: datetime
    last_text: str = ""
    description: str = ""
    people: tuple[Author, ...] = ()
    place: Place | None = None
    slow_s: int = 0
    floor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a room, and what they may do in it: see ``rights.py``."""

    author: Author
    role: RoomRole
    joined_at: datetime
    silence: Silence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A thread of messages inside a room. ``message_id`` is the message that it was made from, if it was.

    ``messages`` counts those that were said in it; what is erased still counts.
    """

    id: UUID
    room_id: UUID
    title: str
    started_by: UUID
    message_id: UUID | None
    archived: bool
    created_at: datetime
    last_activity_at: datetime
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Messages, oldest first. ``epoch`` and ``offset`` are where to follow the room from so that nothing is missed.

    ``next_cursor`` leads to older messages; ``newer`` says that there are some after these.
    """

    items: tuple[Message, ...]
    next_cursor: str | None
    epoch: str
    offset: int
    newer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomUpdate:
    """What goes over a room's realtime topic, by ``kind``.

    ``message``: a message is new or changed, whole. ``delta``: ``text`` continues message ``message_id`` of this
    ``version`` from character ``at`` on. ``activity``: what the assistant is doing. ``room``: the room changed.
    ``members``: who is in it changed. ``topic``: a topic is new or changed.
    """

    kind: Literal["message", "delta", "activity", "room", "members", "topic"]
    message: Message | None = None
    message_id: UUID | None = None
    version: int | None = None
    at: int | None = None
    text: str | None = None
    room: Room | None = None
    members: tuple[Member, ...] = field(default=())
    topic: Topic | None = None


class ChatFacade(Facade):
    """What other services need to take part in rooms. A reply's text is stored before anybody sees it."""

    @abstractmethod
    async def get_room(self, *, tenant_id: UUID, room_id: UUID, person_id: UUID) -> Room:
        """Return a room as this member of it sees it; raises NotFoundError for who is none."""

    @abstractmethod
    async def post_charts(
        self,
        *,
        tenant_id: UUID,
        room_id: UUID,
        person_id: UUID,
        text: str,
        cards: tuple[ChartCard, ...],
        client_id: str,
    ) -> Message:
        """Post a message of a member with charts; the same ``client_id`` again returns the first.

        Raises NotFoundError for who is no member, InvalidInputError for text that is empty or too long.
        """

    @abstractmethod
    async def begin_reply(self, *, tenant_id: UUID, room_id: UUID, reply_to: UUID) -> Message:
        """Make the assistant's reply to a message, or begin it anew: empty text, a higher version, ``streaming``.

        There is one reply a message, however often this is called. Raises NotFoundError, also for what is erased.
        """

    @abstractmethod
    async def append_reply(
        self, *, tenant_id: UUID, message_id: UUID, version: int, at: int, text: str, activity: str
    ) -> bool:
        """Continue a reply's text at character ``at`` and show ``activity``; text may be empty.

        Idempotent: what is already there is not written again. False when the reply is no longer streaming in this
        version (stopped, retried, removed): stop writing. Raises InvalidInputError for a gap.
        """

    @abstractmethod
    async def finish_reply(
        self,
        *,
        tenant_id: UUID,
        message_id: UUID,
        version: int,
        status: Literal["complete", "stopped", "failed"],
        text: str,
        answer: Answer,
        read: tuple[UUID, ...] = (),
    ) -> bool:
        """End a reply with its whole text; False when it is no longer streaming in this version.

        ``read`` are messages that it was made of: when one of their authors is erased, so is the reply.
        """

    @abstractmethod
    async def post_report(
        self,
        *,
        tenant_id: UUID,
        room_id: UUID,
        client_id: str,
        text: str,
        answer: Answer,
        read: tuple[UUID, ...] = (),
    ) -> Message:
        """Post a message of the assistant that answers nobody; the same ``client_id`` again returns the first.

        Raises NotFoundError where the room is gone, ConflictError where the assistant is not in it.
        """

    @abstractmethod
    async def get_audience(self, *, tenant_id: UUID, room_id: UUID) -> Principal:
        """Return the assistant as it may act in a room now: with the permissions that all people in it have."""

    @abstractmethod
    async def search_for_audience(
        self, *, tenant_id: UUID, room_id: UUID, query: str, limit: int
    ) -> tuple[Recalled, ...]:
        """Return what people said with these words, the newest first, in all rooms that everybody of this one is in."""

    @abstractmethod
    async def said_since(self, *, tenant_id: UUID, room_id: UUID, since: datetime, limit: int) -> tuple[Message, ...]:
        """Return the newest messages of people to each other from a moment on, oldest first, of all topics."""

    @abstractmethod
    async def recent_messages(self, *, tenant_id: UUID, room_id: UUID, before: int, limit: int) -> tuple[Message, ...]:
        """Return the newest ``limit`` messages with a sequence below ``before``, oldest first; no erased ones.

        They are of the stream of the message that is at ``before``: its topic, or the main one.
        """

    @abstractmethod
    async def get_message(self, *, tenant_id: UUID, message_id: UUID) -> Message:
        """Return a message; raises NotFoundError."""

    @abstractmethod
    async def unfinished_replies(self) -> tuple[tuple[UUID, Message], ...]:
        """Return every reply that is streaming, with its tenant: what a crash left behind."""
