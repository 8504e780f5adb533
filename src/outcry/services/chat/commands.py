"""What changes rooms and posts messages: rows and events in one transaction, then the courier."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.errors import ConflictError, ForbiddenError, InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import ASSISTANT_ID, GONE, Member, Message, Room, RoomUpdate
from outcry.services.chat.errors import (
    DirectRoomError,
    GuestElsewhereError,
    MessageErasedError,
    NotStreamingError,
    OwnerStaysError,
    PersonNotFoundError,
    StillStreamingError,
)
from outcry.services.chat.events import ReplyRetried, ReplyStopped
from outcry.services.chat.membership import member_of, message_of, people_of_rooms, room_of
from outcry.services.chat.messages.access import Told
from outcry.services.chat.messages.writing import NO_EXTRAS, Extras
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow, to_authors
from outcry.services.chat.moderation.restraints import require_voice
from outcry.services.chat.moderation.word_lists import refuse_words
from outcry.services.chat.names import Name, Names
from outcry.services.chat.posting import NEW_TITLES, Poster, people_in
from outcry.services.chat.rights import Right, outranks, require
from outcry.services.chat.room_news import only, seal_words, tell_kind, tell_named
from outcry.services.chat.roster import Roster
from outcry.services.chat.search.journal import note_message
from outcry.services.chat.wording import read_description, read_title

# What older programs call a kind.
OLDER_KINDS = {"room": "private"}


class ChatCommands:
    """Everything a person can do to rooms and messages."""

    def __init__(
        self,
        *,
        changes: Changes,
        auth: AuthFacade,
        names: Names,
        roster: Roster,
        poster: Poster,
        clock: Clock,
    ) -> None:
        self._changes = changes
        self._auth = auth
        self._names = names
        self._told = Told(names)
        self._roster = roster
        self._poster = poster
        self._clock = clock

    async def create_room(
        self,
        principal: Principal,
        *,
        title: str | None,
        kind: str,
        description: str = "",
        people: Sequence[UUID] = (),
    ) -> Room:
        """Make a room that the person owns, with these colleagues; a conversation has the assistant in it too."""
        principal.require("chat:room:create")
        room = self._room(principal, OLDER_KINDS.get(kind, kind), title, description)
        others = [person_id for person_id in dict.fromkeys(people) if person_id != principal.user_id]
        self._roster.check_place(room, len(others) + 1)
        await self._check_colleagues(principal, room.id, others)
        chosen = room.title if room.title_chosen else ""
        sealed = await seal_words(self._auth, principal.user_id, title=chosen, description=room.description)
        async with self._changes.of(room.id) as change:
            await refuse_words(change.session, room.tenant_id, room.id, chosen, room.description)
            change.session.add(room)
            await change.session.flush()
            bring_in = partial(self._roster.bring_in, change.session, tenant_id=room.tenant_id, room_id=room.id)
            own = bring_in(user_id=principal.user_id, role="owner")
            if room.kind == "conversation":
                bring_in(user_id=ASSISTANT_ID)
            tell_named(change.transaction, room, "made", actor_id=principal.user_id, sealed=sealed)
            await change.session.flush()
            for person_id in others:
                await self._roster.admit(change, room, person_id, by=principal.user_id)
            change.tell_lists([principal.user_id])
        crew = [] if room.title else [principal.user_id, *others]
        return room.seen_by(own, to_authors(crew, await self._names.of(principal.tenant_id, crew)))

    async def change_room(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        title: str | None = None,
        description: str | None = None,
        kind: str | None = None,
        archived: bool | None = None,
    ) -> Room:
        """Change what everybody has of a room (its title, description and kind), or archive it for oneself."""
        chosen = None if title is None else read_title(title)
        described = None if description is None else read_description(description)
        sealed = await seal_words(self._auth, principal.user_id, title=chosen or "", description=described or "")
        async with self._changes.of(room_id) as change:
            room, member = await room_of(change.session, principal, room_id, lock=True)
            if archived is not None:
                member.archived = archived
            await refuse_words(change.session, room.tenant_id, room_id, chosen, described)
            if chosen is not None:
                require_voice(member, Right.NAME, self._clock.now())
                _rename(room, chosen, principal.user_id)
                words = only(sealed, "title")
                tell_named(change.transaction, room, "renamed", actor_id=principal.user_id, sealed=words)
            if described is not None:
                require_voice(member, Right.NAME, self._clock.now())
                room.description, room.described_by = described, principal.user_id if described else None
                words = only(sealed, "description")
                tell_named(change.transaction, room, "described", actor_id=principal.user_id, sealed=words)
            if kind is not None and kind != room.kind:
                require(member, Right.MANAGE)
                was = _open_or_close(room, kind)
                tell_kind(change.transaction, room, was, actor_id=principal.user_id)
            for_all = (title, description, kind) != (None, None, None)
            if for_all:
                change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
            people = await people_in(change.session, room_id) if for_all else [principal.user_id]
            change.tell_lists(people)
            crew = (await people_of_rooms(change.session, [room]))[room_id]
        return room.seen_by(member, to_authors(crew, await self._names.of(principal.tenant_id, crew)))

    async def post(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        text: str,
        client_id: str,
        extras: Extras = NO_EXTRAS,
        topic_id: UUID | None = None,
        placed: Callable[[], None] | None = None,
    ) -> Message:
        """Post a message; the same ``client_id`` again returns the message that it made the first time."""
        return await self._poster.post(
            tenant_id=principal.tenant_id,
            room_id=room_id,
            person_id=principal.user_id,
            text=text,
            client_id=client_id,
            extras=extras,
            topic_id=topic_id,
            placed=placed,
        )

    async def stop_reply(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """End a reply that is being written or waits; what is there stays. Whoever may post may stop any of them."""
        async with self._changes.of(room_id) as change:
            _, member = await room_of(change.session, principal, room_id)
            require_voice(member, Right.POST, self._clock.now())
            row = await message_of(change.session, principal.tenant_id, message_id, room_id=room_id, lock=True)
            if row.status != "streaming":
                raise NotStreamingError()
            row.status, row.activity, row.stopped_by = "stopped", "", principal.user_id
            note_message(change.session, row)
            event = ReplyStopped(room_id=room_id, message_id=message_id)
            change.publish(event, tenant_id=principal.tenant_id, key=str(room_id), actor_id=principal.user_id)
            self._told.tell(change, row)
        return await self._told.message(row)

    async def retry_reply(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """Have a question answered again, in the place of its reply."""
        async with self._changes.of(room_id) as change:
            _, member = await room_of(change.session, principal, room_id)
            require_voice(member, Right.POST, self._clock.now())
            if await change.session.get(MemberRow, (room_id, ASSISTANT_ID)) is None:
                raise ConflictError("The Desk is not in this room any more.")
            row = await message_of(change.session, principal.tenant_id, message_id, room_id=room_id, lock=True)
            if row.reply_to is None:
                raise ConflictError("Only a reply can be asked for again.")
            if row.status in GONE:
                raise MessageErasedError()
            if row.status == "streaming":
                raise StillStreamingError()
            question = await message_of(change.session, principal.tenant_id, row.reply_to, room_id=room_id)
            if question.status in GONE:
                raise MessageErasedError("The question is gone, so there is nothing to answer again.")
            restart(row)
            note_message(change.session, row)
            event = ReplyRetried(
                room_id=room_id,
                question_id=row.reply_to,
                sequence=row.sequence,
                author_id=principal.user_id,
            )
            change.publish(event, tenant_id=principal.tenant_id, key=str(room_id), actor_id=principal.user_id)
            message = row.to_message()
            change.tell(RoomUpdate(kind="message", message=message))
        return message

    async def add_member(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        email: str | None = None,
        person_id: UUID | None = None,
        role: str = "member",
    ) -> Member:
        """Add a colleague of the same organisation, or the assistant; who is in already is returned as they are."""
        # Before anything is looked up: whoever may add nobody learns of no address.
        principal.require("chat:member:manage")
        if person_id == ASSISTANT_ID:
            found = None
        elif person_id is not None:
            colleagues = await self._auth.list_colleagues(tenant_id=principal.tenant_id, ids=(person_id,))
            found = next(iter(colleagues), None)
        else:
            found = await self._auth.find_person(tenant_id=principal.tenant_id, email=email or "")
        async with self._changes.of(room_id) as change:
            room, own = await room_of(change.session, principal, room_id, lock=True)
            require(own, Right.INVITE)
            if person_id == ASSISTANT_ID:
                row = await self._roster.admit(change, room, ASSISTANT_ID, by=principal.user_id, full=False)
                return row.to_member({})
            if room.kind == "direct":
                raise DirectRoomError()
            if found is None:
                raise PersonNotFoundError()
            if found.room_id not in (None, room_id):
                raise GuestElsewhereError()
            row = await self._roster.admit(change, room, found.person.id, role=role, by=principal.user_id)
        return row.to_member({found.person.id: Name(found.person.name, found.person.picture)})

    async def remove_member(self, principal: Principal, room_id: UUID, user_id: UUID) -> None:
        """Take somebody out of a room who stands below oneself in it, or leave it."""
        async with self._changes.of(room_id) as change:
            room, own = await room_of(change.session, principal, room_id, lock=True)
            if user_id != principal.user_id:
                principal.require("chat:member:manage")
                require(own, Right.MODERATE)
            leaving = await member_of(change.session, room_id, user_id)
            if leaving.kind == "person" and room.kind == "direct":
                raise DirectRoomError()
            if leaving.role == "owner":
                raise OwnerStaysError()
            if user_id != principal.user_id and not outranks(own, leaving):
                raise ForbiddenError("Only the owner of a room takes a moderator out of it.")
            await self._roster.dismiss(change, room, user_id, by=principal.user_id)
            change.tell_lists([user_id])

    def _room(self, principal: Principal, kind: str, title: str | None, description: str) -> RoomRow:
        chosen, described = read_title(title) if title else "", read_description(description)
        if kind == "open" and not chosen:
            raise InvalidInputError(
                "Give an open room a title, by which it is found.",
                errors=({"field": "title", "message": "is needed"},),
            )
        now = self._clock.now()
        return RoomRow(
            id=new_id(),
            tenant_id=principal.tenant_id,
            title=chosen or NEW_TITLES[kind],
            title_chosen=bool(chosen),
            titled_by=principal.user_id if chosen else None,
            kind=kind,
            created_at=now,
            last_activity_at=now,
            last_text="",
            next_sequence=1,
            description=described,
            described_by=principal.user_id if described else None,
        )

    async def _check_colleagues(self, principal: Principal, room_id: UUID, ids: Sequence[UUID]) -> None:
        """Raise unless all of these are people of the organisation who may be in any room."""
        if not ids:
            return
        principal.require("chat:member:manage")
        found = await self._auth.list_colleagues(tenant_id=principal.tenant_id, ids=tuple(ids))
        if len(found) < len(ids):
            raise PersonNotFoundError("One of these people is not in this organisation.")
        if any(colleague.room_id not in (None, room_id) for colleague in found):
            raise GuestElsewhereError()


def _rename(room: RoomRow, title: str, person_id: UUID) -> None:
    if room.kind == "direct":
        raise DirectRoomError("A direct room is called by the two people in it.")
    room.title, room.title_chosen, room.titled_by = title, True, person_id


def _open_or_close(room: RoomRow, kind: str) -> str:
    """Make a private room an open one, or the other way round; return what it was."""
    if {room.kind, kind} != {"open", "private"}:
        raise InvalidInputError("Only a private room becomes an open one, and an open one private.")
    was, room.kind = room.kind, kind
    return was


def restart(row: MessageRow) -> None:
    """Begin a reply's text anew, as a new version."""
    row.version += 1
    # What was pinned were the words before.
    row.pinned_at = row.pinned_by = row.stopped_by = None
    row.text, row.activity, row.answer, row.status = "", "", None, "streaming"
