"""Posts people's messages: a row and its event in one transaction, then the courier."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.kit.text import clean_line, shorten
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import ChartCard, Message, RoomUpdate
from outcry.services.chat.courier import MOST_TOLD_OF_POST
from outcry.services.chat.events import MessagePosted
from outcry.services.chat.membership import membership
from outcry.services.chat.messages.mentions import calls_desk, people_in_mentions
from outcry.services.chat.messages.writing import NO_EXTRAS, Extras, add_extras, clean_message
from outcry.services.chat.models import CARDS, MemberRow, MessageRow, RoomRow
from outcry.services.chat.names import Names
from outcry.services.chat.rights import Right, require
from outcry.services.chat.room_news import seal_words, tell_named
from outcry.services.chat.search.journal import note_message
from outcry.services.chat.settings import ChatSettings

# A room is called this until somebody names it; those without a title are called by who is in them.
NEW_TITLES = {"conversation": "New conversation", "open": "New room", "private": "New room", "direct": "", "group": ""}
TITLE_LENGTH = 60
PREVIEW_LENGTH = 120


class Poster:
    """Posts to rooms on behalf of their members."""

    def __init__(
        self,
        *,
        changes: Changes,
        auth: AuthFacade,
        names: Names,
        clock: Clock,
        settings: ChatSettings,
    ) -> None:
        self._changes = changes
        self._auth = auth
        self._names = names
        self._clock = clock
        self._settings = settings

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
    ) -> Message:
        """Post a message; the same ``client_id`` again returns the message that it made the first time."""
        cleaned = clean_message(text, self._settings)
        named = (each.person_id for each in extras.mentions)
        names = await self._names.of(tenant_id, (person_id, *named))
        async with self._changes.of(room_id) as change:
            session = change.session
            room, member = await membership(
                session, tenant_id=tenant_id, room_id=room_id, person_id=person_id, lock=True
            )
            require(member, Right.POST)
            earlier = await _find_posted(session, room_id, person_id, client_id)
            if earlier:
                return earlier.to_message(names)
            row = self._message(room, person_id, cleaned, client_id, cards)
            session.add(row)
            await add_extras(session, row, extras)
            note_message(session, row)
            retitled = _note_activity(room, row)
            if retitled:
                # The room is held, so this happens once; whoever waits for it asks nothing of the auth service.
                sealed = await seal_words(self._auth, person_id, title=room.title)
                tell_named(change.transaction, room, "renamed", actor_id=person_id, sealed=sealed)
            people = await people_in(session, room_id)
            event = MessagePosted(
                room_id=room_id,
                message_id=row.id,
                sequence=row.sequence,
                author_id=person_id,
                # What is shown is no question.
                reply_wanted=room.kind == "conversation" and not cards,
                mentions=tuple(people_in_mentions(row.mentions)),
                addressed=calls_desk(row.mentions),
            )
            change.publish(event, tenant_id=tenant_id, key=str(room_id), actor_id=person_id)
            message = row.to_message(names)
            change.tell(RoomUpdate(kind="message", message=message))
            if retitled:
                change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
            if retitled or len(people) <= MOST_TOLD_OF_POST:
                change.tell_lists(people)
        return message

    def _message(
        self, room: RoomRow, person_id: UUID, text: str, client_id: str, cards: Sequence[ChartCard]
    ) -> MessageRow:
        return MessageRow(
            id=new_id(),
            tenant_id=room.tenant_id,
            room_id=room.id,
            sequence=take_sequence(room),
            version=1,
            author_kind="person",
            author_id=person_id,
            text=text,
            status="posted",
            created_at=self._clock.now(),
            client_id=client_id,
            activity="",
            cards=CARDS.dump_python(tuple(cards), mode="json") if cards else None,
        )


async def people_in(session: AsyncSession, room_id: UUID) -> list[UUID]:
    """Return the people in a room."""
    query = select(MemberRow.user_id).where(MemberRow.room_id == room_id, MemberRow.kind == "person")
    return list(await session.scalars(query))


async def _find_posted(session: AsyncSession, room_id: UUID, person_id: UUID, client_id: str) -> MessageRow | None:
    query = select(MessageRow).where(
        MessageRow.room_id == room_id,
        MessageRow.author_id == person_id,
        MessageRow.client_id == client_id,
    )
    found: MessageRow | None = await session.scalar(query)
    return found


def _note_activity(room: RoomRow, row: MessageRow) -> bool:
    """Put a message into the room's preview; True when it also became the room's title."""
    room.last_activity_at = row.created_at
    room.last_text = preview(row.text)
    if room.title_chosen or not room.title or room.title not in NEW_TITLES.values():
        return False
    room.title, room.titled_by = shorten(clean_line(row.text), TITLE_LENGTH), row.author_id
    return True


def preview(text: str) -> str:
    """Return a message as the list of rooms shows it."""
    return shorten(clean_line(text), PREVIEW_LENGTH)


def take_sequence(room: RoomRow) -> int:
    """Give out a room's next sequence; the caller holds the room's row."""
    sequence = room.next_sequence
    room.next_sequence = sequence + 1
    return sequence
