"""The chat service's tables."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.contracts import (
    ASSISTANT_ID,
    ASSISTANT_NAME,
    Answer,
    Author,
    ChartCard,
    Member,
    Mention,
    Message,
    MessageStatus,
    NoticeLevel,
    Pin,
    Place,
    QuotedMessage,
    Removal,
    Room,
    RoomKind,
    RoomRole,
    Silence,
)
from outcry.services.chat.files.kinds import MessageFile
from outcry.services.chat.messages.reactions import Reaction
from outcry.services.chat.names import FORMER, Name
from outcry.services.chat.previews.contracts import LinkPreview
from outcry.services.chat.rights import Right, holds

ANSWER = TypeAdapter(Answer)
CARDS: TypeAdapter[tuple[ChartCard, ...]] = TypeAdapter(tuple[ChartCard, ...])
MENTIONS: TypeAdapter[tuple[Mention, ...]] = TypeAdapter(tuple[Mention, ...])
FILES: TypeAdapter[tuple[MessageFile, ...]] = TypeAdapter(tuple[MessageFile, ...])
PREVIEWS: TypeAdapter[tuple[LinkPreview, ...]] = TypeAdapter(tuple[LinkPreview, ...])
REACTIONS: TypeAdapter[tuple[Reaction, ...]] = TypeAdapter(tuple[Reaction, ...])
NO_NAMES: Mapping[UUID, Name] = {}
# In rooms of these kinds every message is meant for everybody in them.
TOLD_ALL = frozenset({"direct", "group"})
# Slow mode is not for those who look after the room.
UNHURRIED = ("owner", "moderator")


class Base(DeclarativeBase):
    """The tables of the chat service."""


class RoomRow(Base):
    """A room. ``next_sequence`` is given to the next message, under this row's lock.

    ``titled_by`` is the person whose words the title is, None for a title that nobody chose; ``described_by`` the one
    of the description. ``pair`` names the two people of a direct room, so that they have one. ``floor`` is the sequence
    up to which messages have expired.
    """

    __tablename__ = "room"
    __table_args__ = (
        Index("room_tenant", "tenant_id"),
        Index("room_titled_by", "titled_by"),
        Index("room_described_by", "described_by"),
        Index("room_pair", "tenant_id", "pair", unique=True),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(String(200))
    title_chosen: Mapped[bool] = mapped_column(Boolean)
    titled_by: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_activity_at: Mapped[datetime] = mapped_column(Instant)
    last_text: Mapped[str] = mapped_column(String(200))
    next_sequence: Mapped[int] = mapped_column(Integer)
    description: Mapped[str] = mapped_column(String(500), default="")
    described_by: Mapped[UUID | None] = mapped_column(Uuid)
    pair: Mapped[str | None] = mapped_column(String(80))
    slow_s: Mapped[int] = mapped_column(Integer, default=0)
    floor: Mapped[int] = mapped_column(Integer, default=0)

    def to_room(self, *, archived: bool) -> Room:
        """Return the room as it is told to everybody in it, or to somebody who has it archived."""
        return Room(
            id=self.id,
            title=self.title,
            kind=cast(RoomKind, self.kind),
            archived=archived,
            created_at=self.created_at,
            last_activity_at=self.last_activity_at,
            last_text=self.last_text,
            description=self.description,
            # None until it is written the first time.
            slow_s=self.slow_s or 0,
            floor=self.floor or 0,
        )

    def seen_by(self, member: "MemberRow", people: tuple[Author, ...] = ()) -> Room:
        """Return the room as this member has it."""
        return replace(
            self.to_room(archived=member.archived),
            people=people,
            place=Place(
                role=cast(RoomRole, member.role),
                favourite=member.favourite,
                muted=member.muted,
                section=member.section,
                notices=member.noticed(self.kind),
                muted_until=member.muted_until,
                posts=holds(member, Right.POST),
                silence=member.silence(),
                may_post_at=self._may_post_at(member),
            ),
        )

    def _may_post_at(self, member: "MemberRow") -> datetime | None:
        if not self.slow_s or member.last_posted_at is None or member.role in UNHURRIED:
            return None
        return member.last_posted_at + timedelta(seconds=self.slow_s)


class MemberRow(Base):
    """Somebody in a room. How it is kept and listed is each person's own, so it stands here.

    ``last_posted_at`` is noted in slow mode only.
    """

    __tablename__ = "member"
    __table_args__ = (Index("member_rooms", "user_id", "archived"),)

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(20))
    archived: Mapped[bool] = mapped_column(Boolean)
    joined_at: Mapped[datetime] = mapped_column(Instant)
    favourite: Mapped[bool] = mapped_column(Boolean, default=False)
    muted: Mapped[bool] = mapped_column(Boolean, default=False)
    section: Mapped[str] = mapped_column(String(60), default="")
    notices: Mapped[str | None] = mapped_column(String(20))
    muted_until: Mapped[datetime | None] = mapped_column(Instant)
    silenced_at: Mapped[datetime | None] = mapped_column(Instant)
    silenced_until: Mapped[datetime | None] = mapped_column(Instant)
    last_posted_at: Mapped[datetime | None] = mapped_column(Instant)

    def noticed(self, room_kind: str) -> NoticeLevel:
        """Return what the member is told of: what they chose, else all where few talk to them, mentions elsewhere."""
        usual = "all" if room_kind in TOLD_ALL else "mentions"
        return cast(NoticeLevel, self.notices or usual)

    def to_member(self, names: Mapping[UUID, Name]) -> Member:
        """Return the member as others see them, by the name that they have now."""
        author = _author("assistant" if self.kind == "assistant" else "person", self.user_id, names)
        return Member(author=author, role=cast(RoomRole, self.role), joined_at=self.joined_at, silence=self.silence())

    def silence(self) -> Silence | None:
        """Return that the member was silenced; it may be over."""
        return None if self.silenced_at is None else Silence(since=self.silenced_at, until=self.silenced_until)


class MessageRow(Base):
    """A message. One reply a question, one message a ``client_id`` of its author."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("room_id", "sequence", name="message_order"),
        UniqueConstraint("room_id", "author_id", "client_id", name="message_once"),
        UniqueConstraint("reply_to", name="message_one_reply"),
        Index("message_streaming", "status"),
        Index("message_author", "author_id", "room_id"),
        Index("message_topic", "topic_id", "sequence"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    sequence: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    author_kind: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[UUID] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    reply_to: Mapped[UUID | None] = mapped_column(Uuid)
    client_id: Mapped[str | None] = mapped_column(String(64))
    activity: Mapped[str] = mapped_column(String(300))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cards: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    topic_id: Mapped[UUID | None] = mapped_column(Uuid)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    quote_room_id: Mapped[UUID | None] = mapped_column(Uuid)
    quote_id: Mapped[UUID | None] = mapped_column(Uuid)
    quote_sequence: Mapped[int | None] = mapped_column(Integer)
    mentions: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    reactions: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    pinned_at: Mapped[datetime | None] = mapped_column(Instant)
    pinned_by: Mapped[UUID | None] = mapped_column(Uuid)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_by: Mapped[UUID | None] = mapped_column(Uuid)
    removal_reason: Mapped[str | None] = mapped_column(String(300))
    stopped_by: Mapped[UUID | None] = mapped_column(Uuid)
    files: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    previews: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    # Its author wanted one of them away: its links get no others.
    previews_off: Mapped[bool] = mapped_column(Boolean, default=False)

    def people(self) -> set[UUID]:
        """Return everybody whose name the message shows."""
        named = {self.author_id, self.pinned_by, self.removed_by, self.stopped_by}
        named |= {UUID(each["person_id"]) for each in self.mentions or () if each["person_id"]}
        return {person_id for person_id in named if person_id is not None}

    def to_message(self, names: Mapping[UUID, Name] = NO_NAMES) -> Message:
        """Return the message as the contracts have it, by the name that its author has now."""
        kind: Literal["person", "assistant"] = "assistant" if self.author_kind == "assistant" else "person"
        return Message(
            id=self.id,
            room_id=self.room_id,
            sequence=self.sequence,
            version=self.version,
            author=_author(kind, self.author_id, NO_NAMES if self.status == "erased" else names),
            text=self.text,
            status=cast(MessageStatus, self.status),
            created_at=self.created_at,
            reply_to=self.reply_to,
            client_id=self.client_id,
            activity=self.activity,
            answer=None if self.answer is None else ANSWER.validate_python(self.answer),
            cards=() if self.cards is None else CARDS.validate_python(self.cards),
            topic_id=self.topic_id,
            # None until it is written the first time.
            revision=self.revision or 0,
            edited_at=self.edited_at,
            quote=self._quote(),
            mentions=to_mentions(self.mentions, names),
            reactions=() if self.reactions is None else REACTIONS.validate_python(self.reactions),
            pin=self._pin(names),
            removal=self._removal(names),
            stopped_by=None if self.stopped_by is None else _author("person", self.stopped_by, names),
            files=() if self.files is None else FILES.validate_python(self.files),
            previews=() if self.previews is None else PREVIEWS.validate_python(self.previews),
        )

    def _quote(self) -> QuotedMessage | None:
        if self.quote_room_id is None or self.quote_id is None or self.quote_sequence is None:
            return None
        return QuotedMessage(room_id=self.quote_room_id, message_id=self.quote_id, sequence=self.quote_sequence)

    def _pin(self, names: Mapping[UUID, Name]) -> Pin | None:
        if self.pinned_at is None or self.pinned_by is None:
            return None
        return Pin(by=_author("person", self.pinned_by, names), at=self.pinned_at)

    def _removal(self, names: Mapping[UUID, Name]) -> Removal | None:
        if self.removed_at is None or self.removed_by is None:
            return None
        by = _author("person", self.removed_by, names)
        return Removal(by=by, at=self.removed_at, reason=self.removal_reason or "")


def people_of_messages(rows: Iterable[MessageRow]) -> set[UUID]:
    """Return everybody whose name these messages show."""
    return set[UUID]().union(*(row.people() for row in rows))


def to_mentions(stored: list[Any] | None, names: Mapping[UUID, Name]) -> tuple[Mention, ...]:
    """Return mentions as the contracts have them, by the names that people have now."""
    if stored is None:
        return ()
    mentions = MENTIONS.validate_python(stored)
    return tuple(
        each if each.person_id is None else replace(each, name=names.get(each.person_id, FORMER).name)
        for each in mentions
    )


def to_author(author_id: UUID, names: Mapping[UUID, Name]) -> Author:
    """Return who an author's id means: the assistant, or a person by the name that they have now."""
    return _author("assistant" if author_id == ASSISTANT_ID else "person", author_id, names)


def to_authors(people: Iterable[UUID], names: Mapping[UUID, Name]) -> tuple[Author, ...]:
    """Return people by the names that they have now."""
    return tuple(_author("person", person_id, names) for person_id in people)


def _author(kind: Literal["person", "assistant"], author_id: UUID, names: Mapping[UUID, Name]) -> Author:
    if kind == "assistant":
        return Author(kind=kind, id=author_id, name=ASSISTANT_NAME)
    known = names.get(author_id, FORMER)
    return Author(kind=kind, id=author_id, name=known.name, picture=known.picture)
