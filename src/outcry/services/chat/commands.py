"""What changes rooms and posts messages: rows and events in one transaction, then the courier."""

from functools import partial
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.errors import ConflictError, ForbiddenError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import ASSISTANT_ID, Member, Message, Room, RoomUpdate
from outcry.services.chat.errors import (
    DirectRoomError,
    GuestElsewhereError,
    MessageErasedError,
    NotStreamingError,
    OwnerStaysError,
    PersonNotFoundError,
    RoomNotFoundError,
    StillStreamingError,
)
from outcry.services.chat.events import ReplyRetried, ReplyStopped
from outcry.services.chat.membership import members_of, message_of, room_of
from outcry.services.chat.models import MessageRow, RoomRow
from outcry.services.chat.names import Name
from outcry.services.chat.posting import NEW_TITLES, Poster, people_in
from outcry.services.chat.rights import Right, outranks, require
from outcry.services.chat.room_news import seal_words, tell_moved, tell_named
from outcry.services.chat.roster import Roster
from outcry.services.chat.search.journal import note_message
from outcry.services.chat.settings import ChatSettings
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
        roster: Roster,
        poster: Poster,
        clock: Clock,
        settings: ChatSettings,
    ) -> None:
        self._changes = changes
        self._auth = auth
        self._roster = roster
        self._poster = poster
        self._clock = clock
        self._settings = settings

    async def create_room(self, principal: Principal, *, title: str | None, kind: str, description: str = "") -> Room:
        """Make a room that the person owns; a conversation has the assistant in it from the start."""
        principal.require("chat:room:create")
        kind = OLDER_KINDS.get(kind, kind)
        now = self._clock.now()
        chosen, described = read_title(title) if title else "", read_description(description)
        room = RoomRow(
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
        sealed = await seal_words(self._auth, principal.user_id, title=chosen, description=described)
        async with self._changes.of(room.id) as change:
            change.session.add(room)
            await change.session.flush()
            bring_in = partial(self._roster.bring_in, change.session, tenant_id=room.tenant_id, room_id=room.id)
            own = bring_in(user_id=principal.user_id, role="owner")
            if kind == "conversation":
                bring_in(user_id=ASSISTANT_ID)
            tell_named(change.transaction, room, "made", actor_id=principal.user_id, sealed=sealed)
            change.tell_lists([principal.user_id])
        return room.seen_by(own)

    async def change_room(
        self, principal: Principal, room_id: UUID, *, title: str | None, archived: bool | None
    ) -> Room:
        """Rename a room for everybody, or archive it for oneself."""
        chosen = None if title is None else read_title(title)
        sealed = await seal_words(self._auth, principal.user_id, title=chosen or "")
        async with self._changes.of(room_id) as change:
            room, member = await room_of(change.session, principal, room_id, lock=True)
            if archived is not None:
                member.archived = archived
            if chosen is not None:
                require(member, Right.NAME)
                if room.kind == "direct":
                    raise DirectRoomError("A direct room is called by the two people in it.")
                room.title, room.title_chosen, room.titled_by = chosen, True, principal.user_id
                tell_named(change.transaction, room, "renamed", actor_id=principal.user_id, sealed=sealed)
                change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
            people = await people_in(change.session, room_id) if chosen is not None else [principal.user_id]
            change.tell_lists(people)
        return room.seen_by(member)

    async def post(self, principal: Principal, room_id: UUID, *, text: str, client_id: str) -> Message:
        """Post a message; the same ``client_id`` again returns the message that it made the first time."""
        return await self._poster.post(
            tenant_id=principal.tenant_id, room_id=room_id, person_id=principal.user_id, text=text, client_id=client_id
        )

    async def stop_reply(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """End a reply that is being written; what is there stays."""
        async with self._changes.of(room_id) as change:
            await room_of(change.session, principal, room_id)
            row = await message_of(change.session, principal.tenant_id, message_id, room_id=room_id, lock=True)
            if row.status != "streaming":
                raise NotStreamingError()
            row.status, row.activity = "stopped", ""
            note_message(change.session, row)
            event = ReplyStopped(room_id=room_id, message_id=message_id)
            change.publish(event, tenant_id=principal.tenant_id, key=str(room_id), actor_id=principal.user_id)
            message = row.to_message()
            change.tell(RoomUpdate(kind="message", message=message))
        return message

    async def retry_reply(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """Have a question answered again, in the place of its reply."""
        async with self._changes.of(room_id) as change:
            _, member = await room_of(change.session, principal, room_id)
            require(member, Right.POST)
            row = await message_of(change.session, principal.tenant_id, message_id, room_id=room_id, lock=True)
            if row.reply_to is None:
                raise ConflictError("Only a reply can be asked for again.")
            if row.status == "erased":
                raise MessageErasedError()
            if row.status == "streaming":
                raise StillStreamingError()
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

    async def add_member(self, principal: Principal, room_id: UUID, *, email: str) -> Member:
        """Add a colleague of the same organisation; somebody who is in already is returned as they are."""
        # Before anything is looked up: whoever may add nobody learns of no address.
        principal.require("chat:member:manage")
        found = await self._auth.find_person(tenant_id=principal.tenant_id, email=email)
        async with self._changes.of(room_id) as change:
            room, own = await room_of(change.session, principal, room_id, lock=True)
            require(own, Right.INVITE)
            if room.kind == "direct":
                raise DirectRoomError()
            if found is None:
                raise PersonNotFoundError()
            if found.room_id not in (None, room_id):
                raise GuestElsewhereError()
            person = found.person
            members = await members_of(change.session, room_id)
            row = next((row for row in members if row.user_id == person.id), None)
            if row is None:
                if len(members) >= self._settings.most_members:
                    raise ConflictError(f"A room can have {self._settings.most_members} members at most.")
                row = self._roster.bring_in(
                    change.session, tenant_id=principal.tenant_id, room_id=room_id, user_id=person.id
                )
                members.append(row)
                tell_moved(change.transaction, room, "joined", person.id, members, actor_id=principal.user_id)
                self._roster.tell(change, room, members)
                change.tell_lists([person.id])
        return row.to_member({person.id: Name(person.name, person.picture)})

    async def remove_member(self, principal: Principal, room_id: UUID, user_id: UUID) -> None:
        """Take somebody out of a room who stands below oneself in it, or leave it."""
        async with self._changes.of(room_id) as change:
            room, own = await room_of(change.session, principal, room_id, lock=True)
            if user_id != principal.user_id:
                principal.require("chat:member:manage")
                require(own, Right.MODERATE)
            members = await members_of(change.session, room_id)
            leaving = next((row for row in members if row.user_id == user_id), None)
            if leaving is None:
                raise RoomNotFoundError("This person is not in the room.")
            if leaving.kind == "person" and room.kind == "direct":
                raise DirectRoomError()
            if leaving.role == "owner":
                raise OwnerStaysError()
            if user_id != principal.user_id and not outranks(own, leaving):
                raise ForbiddenError("Only the owner of a room takes a moderator out of it.")
            staying = await self._roster.take_out(change.session, room_id, members, user_id)
            tell_moved(change.transaction, room, "left", user_id, staying, actor_id=principal.user_id)
            self._roster.tell_leaving(change, room, staying, user_id)
            change.tell_lists([user_id])


def restart(row: MessageRow) -> None:
    """Begin a reply's text anew, as a new version."""
    row.version += 1
    row.text, row.activity, row.answer, row.status = "", "", None, "streaming"
