"""What moderators do to members of a room, and to its pace."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from outcry.kit.clock import Clock
from outcry.kit.errors import ForbiddenError
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import ASSISTANT_ID, Member, Room, RoomUpdate
from outcry.services.chat.errors import DirectRoomError, MemberNotFoundError, PersonNotFoundError, RoleError
from outcry.services.chat.events import RoomModerated
from outcry.services.chat.membership import member_of, members_of, room_of
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow, to_authors
from outcry.services.chat.moderation.contracts import Ban
from outcry.services.chat.moderation.models import RestraintRow
from outcry.services.chat.names import Names
from outcry.services.chat.rights import Right, outranks, require
from outcry.services.chat.roster import Roster

# Messages that are looked at when slow mode begins.
_LOOKED_BACK = 500


class ModerationCommands:
    """Silences, bans and slow mode. Each needs the right to moderate, and a rank above whom it is about."""

    def __init__(self, *, changes: Changes, auth: AuthFacade, names: Names, roster: Roster, clock: Clock) -> None:
        self._changes = changes
        self._auth = auth
        self._names = names
        self._roster = roster
        self._clock = clock

    async def silence(self, principal: Principal, room_id: UUID, user_id: UUID, *, minutes: int | None) -> Member:
        """Take a member's voice, for some minutes or until it is given back; done again, the new end counts.

        They still read. It stays with them when they leave the room and come back.
        """
        principal.require("chat:moderation:manage")
        async with self._changes.of(room_id) as change:
            room, own = await _moderated(change, principal, room_id)
            member = await member_of(change.session, room_id, user_id)
            _check_rank(own, member)
            row = await self._restrain(change, room, user_id, "silence", minutes, by=principal.user_id)
            member.silenced_at, member.silenced_until = row.since, row.until
            await self._tell(change, room, "silenced", principal, user_id, until=row.until)
        return member.to_member(await self._names.of(principal.tenant_id, (user_id,)))

    async def unsilence(self, principal: Principal, room_id: UUID, user_id: UUID) -> Member:
        """Give a member's voice back."""
        principal.require("chat:moderation:manage")
        async with self._changes.of(room_id) as change:
            room, own = await _moderated(change, principal, room_id)
            member = await member_of(change.session, room_id, user_id)
            _check_rank(own, member)
            row = await change.session.get(RestraintRow, (room_id, user_id, "silence"))
            if row is not None:
                await change.session.delete(row)
                member.silenced_at = member.silenced_until = None
                await self._tell(change, room, "unsilenced", principal, user_id)
        return member.to_member(await self._names.of(principal.tenant_id, (user_id,)))

    async def ban(self, principal: Principal, room_id: UUID, user_id: UUID, *, minutes: int | None) -> Ban:
        """Take somebody out of a room and let them not come back: by themselves, by a link, or brought by others."""
        principal.require("chat:moderation:manage")
        found = await self._auth.list_colleagues(tenant_id=principal.tenant_id, ids=(user_id,))
        async with self._changes.of(room_id) as change:
            room, own = await _moderated(change, principal, room_id)
            member = await change.session.get(MemberRow, (room_id, user_id))
            if member is None and not found:
                raise PersonNotFoundError("There is no such person in this organisation.")
            if member is not None:
                _check_rank(own, member)
            row = await self._restrain(change, room, user_id, "ban", minutes, by=principal.user_id)
            if member is not None:
                await self._roster.dismiss(change, room, user_id, by=principal.user_id)
                change.tell_lists([user_id])
            _publish(change, room, "banned", principal, user_id, until=row.until)
        person, by = to_authors(
            (user_id, principal.user_id), await self._names.of(principal.tenant_id, (user_id, principal.user_id))
        )
        return Ban(person=person, by=by, since=row.since, until=row.until)

    async def unban(self, principal: Principal, room_id: UUID, user_id: UUID) -> None:
        """Let somebody come into a room again; raises MemberNotFoundError for who is not banned."""
        principal.require("chat:moderation:manage")
        async with self._changes.of(room_id) as change:
            room, _ = await _moderated(change, principal, room_id)
            row = await change.session.get(RestraintRow, (room_id, user_id, "ban"))
            if row is None:
                raise MemberNotFoundError("This person is not banned from the room.")
            await change.session.delete(row)
            _publish(change, room, "unbanned", principal, user_id)

    async def set_slow_mode(self, principal: Principal, room_id: UUID, *, seconds: int) -> Room:
        """Let so many seconds be between two messages of a member; 0 ends slow mode."""
        principal.require("chat:moderation:manage")
        async with self._changes.of(room_id) as change:
            room, own = await _moderated(change, principal, room_id)
            if room.slow_s != seconds:
                was, room.slow_s = room.slow_s, seconds
                await _note_last_posts(change, room, self._clock.now() - timedelta(seconds=seconds))
                change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
                _publish(change, room, "slow_mode", principal, was=was, now=seconds)
        return room.seen_by(own)

    async def _restrain(
        self, change: Change, room: RoomRow, user_id: UUID, kind: str, minutes: int | None, *, by: UUID
    ) -> RestraintRow:
        now = self._clock.now()
        row = RestraintRow(
            room_id=room.id,
            user_id=user_id,
            kind=kind,
            tenant_id=room.tenant_id,
            since=now,
            until=None if minutes is None else now + timedelta(minutes=minutes),
            by=by,
        )
        return await change.session.merge(row)

    async def _tell(
        self,
        change: Change,
        room: RoomRow,
        act: str,
        principal: Principal,
        user_id: UUID,
        *,
        until: datetime | None = None,
    ) -> None:
        self._roster.tell(change, room, await members_of(change.session, room.id))
        change.tell_lists([user_id])
        _publish(change, room, act, principal, user_id, until=until)


async def _note_last_posts(change: Change, room: RoomRow, since: datetime) -> None:
    """Note when members posted last, which is noted in slow mode only: what they said just before counts too."""
    newest = (
        select(MessageRow.author_id, func.max(MessageRow.created_at))
        .where(MessageRow.room_id == room.id, MessageRow.sequence >= room.next_sequence - _LOOKED_BACK)
        .where(MessageRow.created_at > since, MessageRow.author_kind == "person")
        .group_by(MessageRow.author_id)
    )
    last = {row[0]: row[1] for row in await change.session.execute(newest)}
    for member in await members_of(change.session, room.id):
        member.last_posted_at = last.get(member.user_id)


async def _moderated(change: Change, principal: Principal, room_id: UUID) -> tuple[RoomRow, MemberRow]:
    room, own = await room_of(change.session, principal, room_id, lock=True)
    require(own, Right.MODERATE)
    if room.kind == "direct":
        raise DirectRoomError("Nobody moderates a direct room. Report what is wrong in it.")
    return room, own


def _check_rank(own: MemberRow, member: MemberRow) -> None:
    if member.user_id == ASSISTANT_ID:
        raise RoleError("The AI is stopped, or taken out of the room.")
    if not outranks(own, member):
        raise ForbiddenError("This is for members who stand below you in the room.")


def _publish(
    change: Change,
    room: RoomRow,
    act: str,
    principal: Principal,
    person_id: UUID | None = None,
    *,
    until: datetime | None = None,
    was: int = 0,
    now: int = 0,
) -> None:
    event = RoomModerated(room_id=room.id, act=act, person_id=person_id, until=until, was=was, now=now)
    change.publish(event, tenant_id=room.tenant_id, key=str(room.id), actor_id=principal.user_id)
