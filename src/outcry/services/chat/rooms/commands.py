"""Direct rooms, joining open ones, roles, and how each person keeps rooms in their own list."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import ForbiddenError, InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import Member, Room, RoomRole
from outcry.services.chat.errors import (
    DirectRoomError,
    GuestElsewhereError,
    OwnerStaysError,
    PersonNotFoundError,
    RoleError,
    RoomNotFoundError,
)
from outcry.services.chat.membership import member_of, members_of, room_of
from outcry.services.chat.models import MemberRow, RoomRow, to_authors
from outcry.services.chat.names import Names
from outcry.services.chat.rights import Right, outranks, require
from outcry.services.chat.room_news import tell_named, tell_role
from outcry.services.chat.roster import Roster

LONGEST_SECTION = 60


class RoomCommands:
    """What brings people into rooms by themselves, and what they are there."""

    def __init__(self, *, changes: Changes, auth: AuthFacade, names: Names, roster: Roster, clock: Clock) -> None:
        self._changes = changes
        self._auth = auth
        self._names = names
        self._roster = roster
        self._clock = clock

    async def open_direct(self, principal: Principal, *, person_id: UUID) -> Room:
        """Return the one room of the person and a colleague, made now if they had none yet."""
        principal.require("chat:room:create")
        await self._check_partner(principal, person_id)
        pair = pair_of(principal.user_id, person_id)
        try:
            room, own = await self._find_or_make(principal, person_id, pair)
        except IntegrityError:
            # The other one, or another page of theirs, made it a moment before: it is there now.
            room, own = await self._find_or_make(principal, person_id, pair)
        people = sorted((principal.user_id, person_id))
        return room.seen_by(own, to_authors(people, await self._names.of(principal.tenant_id, people)))

    async def join(self, principal: Principal, room_id: UUID) -> Room:
        """Come into an open room of the organisation; another kind is answered as one that does not exist."""
        principal.require("chat:room:join")
        async with self._changes.of(room_id) as change:
            room = await _hold(change.session, principal.tenant_id, room_id)
            if room.kind != "open":
                await room_of(change.session, principal, room_id)
            own = await self._roster.admit(change, room, principal.user_id, by=principal.user_id)
        return room.seen_by(own)

    async def change_role(self, principal: Principal, room_id: UUID, user_id: UUID, *, role: RoomRole) -> Member:
        """Give a member another role; as owner it is handed over, and who had it is a moderator then.

        The owner gives any role. A moderator lets members only read, or post again.
        """
        principal.require("chat:member:manage")
        await self._check_standing(principal, user_id, role)
        async with self._changes.of(room_id) as change:
            room, own = await room_of(change.session, principal, room_id, lock=True)
            require(own, Right.MODERATE)
            member = await member_of(change.session, room_id, user_id)
            _check_change(room, own, member, role)
            if member.role != role:
                self._give(change, room, own, member, role)
                self._roster.tell(change, room, await members_of(change.session, room_id))
                change.tell_lists({own.user_id, user_id})
        return member.to_member(await self._names.of(principal.tenant_id, (user_id,)))

    async def keep(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        favourite: bool | None = None,
        muted: bool | None = None,
        archived: bool | None = None,
        section: str | None = None,
    ) -> Room:
        """Change how the person keeps a room in their own list; nobody else sees it."""
        named = None if section is None else clean_line(section)
        if named is not None and len(named) > LONGEST_SECTION:
            raise InvalidInputError(f"The name of a section can have {LONGEST_SECTION} characters at most.")
        async with self._changes.of(room_id) as change:
            room, member = await room_of(change.session, principal, room_id)
            member.favourite = member.favourite if favourite is None else favourite
            if muted is not None:
                member.muted, member.muted_until = muted, None
            member.archived = member.archived if archived is None else archived
            member.section = member.section if named is None else named
            change.tell_lists([principal.user_id])
            crew = [] if room.title else [row.user_id for row in await members_of(change.session, room_id)]
        return room.seen_by(member, to_authors(crew, await self._names.of(principal.tenant_id, crew)))

    async def _check_partner(self, principal: Principal, person_id: UUID) -> None:
        if person_id == principal.user_id:
            raise InvalidInputError("A direct room is for you and somebody else.")
        found = await self._auth.list_colleagues(tenant_id=principal.tenant_id, ids=(person_id,))
        if not found:
            raise PersonNotFoundError("There is no such person in this organisation.")
        if found[0].room_id is not None:
            raise GuestElsewhereError("A guest is in one room only, so nobody writes to them alone.")

    async def _check_standing(self, principal: Principal, user_id: UUID, role: str) -> None:
        """Raise RoleError for a role that a guest cannot have: they come from outside."""
        if role not in ("owner", "moderator"):
            return
        found = await self._auth.list_colleagues(tenant_id=principal.tenant_id, ids=(user_id,))
        if any(colleague.room_id is not None for colleague in found):
            raise RoleError("A guest is a member or a reader of the room.")

    async def _find_or_make(self, principal: Principal, person_id: UUID, pair: str) -> tuple[RoomRow, MemberRow]:
        found = select(RoomRow).where(RoomRow.tenant_id == principal.tenant_id, RoomRow.pair == pair)
        # Until it is there, the pair's own place in the order is that of the one who asks.
        async with self._changes.of(principal.user_id) as change:
            room = await change.session.scalar(found.with_for_update())
            made = room is None
            if room is None:
                room = self._direct(principal.tenant_id, pair)
                change.session.add(room)
                await change.session.flush()
                tell_named(change.transaction, room, "made", actor_id=principal.user_id)
            for user_id in (principal.user_id, person_id):
                # One who left the organisation and came back is out of it until now.
                await self._roster.admit(change, room, user_id, role="owner", by=principal.user_id)
                await change.session.flush()
            own = await member_of(change.session, room.id, principal.user_id)
            if own.archived or made:
                own.archived = False
                change.tell_lists([principal.user_id])
        return room, own

    def _direct(self, tenant_id: UUID, pair: str) -> RoomRow:
        now = self._clock.now()
        return RoomRow(
            id=new_id(),
            tenant_id=tenant_id,
            title="",
            title_chosen=False,
            kind="direct",
            created_at=now,
            last_activity_at=now,
            last_text="",
            next_sequence=1,
            description="",
            pair=pair,
        )

    def _give(self, change: Change, room: RoomRow, own: MemberRow, member: MemberRow, role: str) -> None:
        by, was = own.user_id, member.role
        member.role = role
        if role == "owner":
            own.role = "moderator"
            tell_role(change.transaction, room, own, "owner", actor_id=by)
        act = "handed_over" if role == "owner" else "role"
        tell_role(change.transaction, room, member, was, actor_id=by, act=act)


def pair_of(one: UUID, other: UUID) -> str:
    """Return the name of two people, the same whoever is named first."""
    return ":".join(sorted((str(one), str(other))))


def _check_change(room: RoomRow, own: MemberRow, member: MemberRow, role: str) -> None:
    if room.kind == "direct":
        raise DirectRoomError("Both people of a direct room own it.")
    if member.kind != "person":
        raise RoleError("The AI is a member of a room, and nothing else.")
    if member.role == role:
        return
    if member.user_id == own.user_id and own.role == "owner":
        raise OwnerStaysError("Hand the room over to somebody first.")
    if {role, member.role} - {"member", "reader"}:
        require(own, Right.MANAGE)
    if member.user_id != own.user_id and not outranks(own, member):
        raise ForbiddenError("Only the owner of a room changes what a moderator may do.")


async def _hold(session: AsyncSession, tenant_id: UUID, room_id: UUID) -> RoomRow:
    query = select(RoomRow).where(RoomRow.id == room_id, RoomRow.tenant_id == tenant_id)
    room: RoomRow | None = await session.scalar(query.with_for_update())
    if room is None:
        raise RoomNotFoundError()
    return room
