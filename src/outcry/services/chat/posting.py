"""Posts people's messages, many of many rooms in one transaction: durable first, then shown, then acknowledged."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import OutcryError
from outcry.kit.ids import new_id
from outcry.kit.text import clean_line, shorten
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import ASSISTANT_ID, ChartCard, Message, RoomUpdate
from outcry.services.chat.courier import MOST_TOLD_OF_POST
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.events import MessagePosted
from outcry.services.chat.log.grouping import GroupCommit
from outcry.services.chat.messages.mentions import calls_desk, people_in_mentions
from outcry.services.chat.messages.questions import is_question
from outcry.services.chat.messages.writing import NO_EXTRAS, Extras, add_extras, clean_message
from outcry.services.chat.models import CARDS, MemberRow, MessageRow, RoomRow
from outcry.services.chat.moderation.cases import note_report
from outcry.services.chat.moderation.models import BY_WORDS
from outcry.services.chat.moderation.restraints import keep_pace, require_voice
from outcry.services.chat.moderation.word_lists import Lists, lists_of, needs_review
from outcry.services.chat.names import Name, Names
from outcry.services.chat.previews.wishes import wish_for_previews
from outcry.services.chat.rights import Right, require
from outcry.services.chat.room_news import seal_words, tell_named
from outcry.services.chat.search.journal import note_posted
from outcry.services.chat.settings import ChatSettings
from outcry.services.chat.topics.models import TopicRow
from outcry.services.chat.topics.streams import check_open, note_said, topics_of

# A room is called this until somebody names it; those without a title are called by who is in them.
NEW_TITLES = {"conversation": "New conversation", "open": "New room", "private": "New room", "direct": "", "group": ""}
TITLE_LENGTH = 60
PREVIEW_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that somebody wants posted, its text cleaned; ``names`` are of the people that it shows."""

    tenant_id: UUID
    room_id: UUID
    person_id: UUID
    text: str
    client_id: str
    names: Mapping[UUID, Name]
    cards: Sequence[ChartCard] = ()
    extras: Extras = NO_EXTRAS
    topic_id: UUID | None = None

    @property
    def key(self) -> tuple[UUID, UUID, str]:
        """By what it is known that it was posted already."""
        return self.room_id, self.person_id, self.client_id


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows of the drafts of a batch. The rooms are held.

    ``people`` has an entry only of rooms in which every post is told to each member.
    """

    rooms: Mapping[UUID, RoomRow]
    members: Mapping[tuple[UUID, UUID], MemberRow]
    posted: dict[tuple[UUID, UUID, str], MessageRow]
    people: Mapping[UUID, Sequence[UUID]]
    topics: Mapping[UUID, TopicRow]
    words: Lists
    # What of the batch is new, in its order.
    written: list[MessageRow] = field(default_factory=list)


class Poster:
    """Posts to rooms on behalf of their members. What is posted at the same time shares a commit."""

    def __init__(
        self, *, changes: Changes, auth: AuthFacade, names: Names, clock: Clock, settings: ChatSettings
    ) -> None:
        self._names = names
        self._settings = settings
        writer = PostWriter(changes=changes, auth=auth, clock=clock)
        self._posts: GroupCommit[Draft, Message] = GroupCommit(hold=changes.place, write=writer.write)

    async def post(
        self,
        *,
        tenant_id: UUID,
        room_id: UUID,
        person_id: UUID,
        text: str,
        client_id: str,
        cards: Sequence[ChartCard] = (),
        extras: Extras = NO_EXTRAS,
        topic_id: UUID | None = None,
        placed: Callable[[], None] | None = None,
    ) -> Message:
        """Post a message; the same ``client_id`` again returns the message that it made the first time.

        ``placed`` is called when its place among the messages of the room is taken, before it is stored.
        """
        cleaned = clean_message(text, self._settings, may_be_empty=bool(extras.file_ids))
        named = (each.person_id for each in extras.mentions)
        draft = Draft(
            tenant_id=tenant_id,
            room_id=room_id,
            person_id=person_id,
            text=cleaned,
            client_id=client_id,
            names=await self._names.of(tenant_id, (person_id, *named)),
            cards=cards,
            extras=extras,
            topic_id=topic_id,
        )
        if placed:
            placed()
        return await self._posts.add(room_id, draft)


class PostWriter:
    """Writes batches of drafts. What is wrong with one of them is its own outcome, and no other's."""

    def __init__(self, *, changes: Changes, auth: AuthFacade, clock: Clock) -> None:
        self._changes = changes
        self._auth = auth
        self._clock = clock

    async def write(self, drafts: Sequence[Draft]) -> Sequence[Message | Exception]:
        """Write drafts in one transaction; the caller holds the rooms' places in the order.

        Of each its message, or why it was refused before anything of it was written. What raises afterwards leaves
        nothing of the whole batch.
        """
        outcomes: list[Message | Exception] = []
        async with self._changes.held() as change:
            facts = await _look_up(change.session, drafts)
            for draft in drafts:
                try:
                    room, suspect = _admit(facts, draft, self._clock.now())
                except OutcryError as error:
                    outcomes.append(error)
                else:
                    outcomes.append(await self._write_one(change, facts, room, draft, suspect=suspect))
            await note_posted(change.session, facts.written)
        return outcomes

    async def _write_one(self, change: Change, facts: Facts, room: RoomRow, draft: Draft, *, suspect: bool) -> Message:
        earlier = facts.posted.get(draft.key)
        if earlier:
            return earlier.to_message(draft.names)
        row = facts.posted[draft.key] = self._row(room, draft)
        change.session.add(row)
        await add_extras(change.session, row, draft.extras)
        facts.written.append(row)
        wish_for_previews(change.session, row)
        if room.slow_s:
            facts.members[(room.id, draft.person_id)].last_posted_at = row.created_at
        if suspect:
            await note_report(change, row, BY_WORDS, "", row.created_at)
        message = row.to_message(draft.names)
        change.tell(RoomUpdate(kind="message", message=message), room_id=room.id)
        if draft.topic_id is not None:
            note_said(change, facts.topics[draft.topic_id], row.created_at)
        people = facts.people.get(room.id, ())
        if _note_activity(room, row):
            # The room is held, so this happens once; whoever waits for it asks nothing of the auth service.
            sealed = await seal_words(self._auth, draft.person_id, title=room.title)
            tell_named(change.transaction, room, "renamed", actor_id=draft.person_id, sealed=sealed)
            change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)), room_id=room.id)
            people = people or await people_in(change.session, room.id)
        change.publish(
            MessagePosted(
                room_id=room.id,
                message_id=row.id,
                sequence=row.sequence,
                author_id=draft.person_id,
                reply_wanted=await is_question(
                    change.session, room, row, assistant_here=(room.id, ASSISTANT_ID) in facts.members
                ),
                mentions=tuple(people_in_mentions(row.mentions)),
                addressed=calls_desk(row.mentions),
            ),
            tenant_id=draft.tenant_id,
            key=str(room.id),
            actor_id=draft.person_id,
        )
        change.tell_lists(people)
        return message

    def _row(self, room: RoomRow, draft: Draft) -> MessageRow:
        return MessageRow(
            id=new_id(),
            tenant_id=room.tenant_id,
            room_id=room.id,
            sequence=take_sequence(room),
            version=1,
            author_kind="person",
            author_id=draft.person_id,
            text=draft.text,
            status="posted",
            created_at=self._clock.now(),
            client_id=draft.client_id,
            activity="",
            cards=CARDS.dump_python(tuple(draft.cards), mode="json") if draft.cards else None,
            topic_id=draft.topic_id,
        )


async def _look_up(session: AsyncSession, drafts: Sequence[Draft]) -> Facts:
    room_ids, authors = {draft.room_id for draft in drafts}, {draft.person_id for draft in drafts}
    places = (
        select(RoomRow, MemberRow)
        .join(MemberRow, MemberRow.room_id == RoomRow.id)
        .where(RoomRow.id.in_(room_ids), MemberRow.user_id.in_(authors | {ASSISTANT_ID}))
        # Two processes that hold several rooms take them in the same order.
        .order_by(RoomRow.id)
        .with_for_update(of=RoomRow)
    )
    found = (await session.execute(places)).all()
    # Once the rooms are held: what another process posted is seen.
    posted = select(MessageRow).where(
        MessageRow.room_id.in_(room_ids),
        MessageRow.author_id.in_(authors),
        MessageRow.client_id.in_({draft.client_id for draft in drafts}),
    )
    return Facts(
        rooms={room.id: room for room, _ in found},
        members={(member.room_id, member.user_id): member for _, member in found},
        posted={
            (row.room_id, row.author_id, row.client_id or ""): row for row in (await session.scalars(posted)).all()
        },
        people=await _people_of_small_rooms(session, room_ids),
        topics=await topics_of(session, {draft.topic_id for draft in drafts if draft.topic_id}),
        words=await lists_of(session, {draft.tenant_id for draft in drafts}, room_ids),
    )


async def _people_of_small_rooms(session: AsyncSession, room_ids: set[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    here = (MemberRow.room_id.in_(room_ids), MemberRow.kind == "person")
    small = select(MemberRow.room_id).where(*here).group_by(MemberRow.room_id)
    small = small.having(func.count() <= MOST_TOLD_OF_POST)
    query = select(MemberRow.room_id, MemberRow.user_id).where(*here, MemberRow.room_id.in_(small))
    people: dict[UUID, list[UUID]] = defaultdict(list)
    for room_id, user_id in await session.execute(query):
        people[room_id].append(user_id)
    return people


def _admit(facts: Facts, draft: Draft, now: datetime) -> tuple[RoomRow, bool]:
    """Return the room of a draft, and whether somebody has to look at it; raises what keeps it out."""
    room, member = facts.rooms.get(draft.room_id), facts.members.get((draft.room_id, draft.person_id))
    if room is None or member is None or room.tenant_id != draft.tenant_id:
        raise RoomNotFoundError()
    require(member, Right.POST)
    if draft.key in facts.posted:
        return room, False
    require_voice(member, Right.POST, now)
    keep_pace(room, member, now)
    if draft.topic_id is not None:
        check_open(facts.topics.get(draft.topic_id), room.id)
    return room, needs_review(facts.words, room.tenant_id, room.id, draft.text)


def _note_activity(room: RoomRow, row: MessageRow) -> bool:
    """Put a message into the room's preview; True when it also became the room's title."""
    room.last_activity_at = row.created_at
    room.last_text = preview(row.text, row.files)
    if not row.text or room.title_chosen or not room.title or room.title not in NEW_TITLES.values():
        return False
    room.title, room.titled_by = shorten(clean_line(row.text), TITLE_LENGTH), row.author_id
    return True


async def people_in(session: AsyncSession, room_id: UUID) -> list[UUID]:
    """Return the people in a room."""
    query = select(MemberRow.user_id).where(MemberRow.room_id == room_id, MemberRow.kind == "person")
    return list(await session.scalars(query))


def preview(text: str, files: Sequence[Any] | None = None) -> str:
    """Return a message as the list of rooms shows it: what it says, or what its files are called."""
    return shorten(clean_line(text) or ", ".join(each["name"] for each in files or ()), PREVIEW_LENGTH)


def take_sequence(room: RoomRow) -> int:
    """Give out a room's next sequence; the caller holds the room's row."""
    sequence = room.next_sequence
    room.next_sequence = sequence + 1
    return sequence
