"""Receipts and unread messages as the browser sees them."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from outcry.services.chat.contracts import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadTopic:
    """What is unread of a room's topic; it is counted in the room's figures too.

    Everything up to ``read`` is read in it, and ``first`` is the oldest unread one of somebody else.
    """

    topic_id: UUID
    unread: int
    mentions: int = 0
    read: int = 0
    first: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What a person has not read of a room.

    In its main stream everything up to the sequence ``read`` is, and ``first`` is the oldest unread one of somebody
    else, None when all of that stream is read; each topic has its own mark. ``unread`` and ``mentions`` are of the
    whole room, up to its newest message ``last``: those of others, and of them those that name the person or everybody.
    ``topics`` are those with something new. Of more than 1,000 new messages only the newest 1,000 are counted.
    """

    room_id: UUID
    read: int
    last: int
    unread: int = 0
    first: int | None = None
    mentions: int = 0
    topics: tuple[UnreadTopic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRooms:
    """All rooms of a person, and where to follow their own topic from so that nothing is missed."""

    epoch: str
    offset: int
    rooms: tuple[Unread, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """That there is a new message, for the counts of those who do not look at its room.

    ``mentions`` are the people whom it names, with the id of everybody where it names all.
    """

    sequence: int
    author_id: UUID
    topic_id: UUID | None = None
    mentions: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUpdate:
    """What goes over a person's own topic about unread messages, by ``kind``.

    ``unread``: how a room stands for the person, whole. ``news``: there are new messages in a room; whoever is told
    counts those of others whose sequence is above the ``last`` that they know. ``recount``: ask for the counts anew,
    as something that may have been counted is gone.
    """

    kind: Literal["unread", "news", "recount"]
    room_id: UUID
    unread: Unread | None = None
    messages: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRead:
    """How far a member has read one of the room's topics."""

    topic_id: UUID
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How far a member has read the main stream, and up to where at least one of their devices has the messages.

    ``topics`` says the same of the twenty topics with the newest activity.
    """

    person_id: UUID
    read: int
    delivered: int
    topics: tuple[TopicRead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCount:
    """How many people have read exactly up to ``sequence``. Who read further, has read this too."""

    sequence: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """The receipts of a room, whole; of two, the one of the higher ``version`` counts.

    Where ``people`` are few, ``receipts`` names them; in larger rooms ``counts`` has the fifty highest sequences up to
    which people have read the main stream. ``hidden`` says that this person shows no receipts, and is therefore told of
    none.
    """

    room_id: UUID
    version: int
    people: int
    receipts: tuple[Receipt, ...] = ()
    counts: tuple[ReadCount, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPage:
    """Who has seen a message, by name; ``seen`` and ``delivered`` count all of the room's ``people`` but its author."""

    items: tuple[Author, ...]
    next_cursor: str | None
    people: int
    seen: int
    delivered: int
