"""Who is in a room: how somebody comes in and out, who owns it then, and how it is shown."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.services.chat.changes import Change
from outcry.services.chat.contracts import ASSISTANT_ID, RoomUpdate
from outcry.services.chat.errors import RoomFullError
from outcry.services.chat.membership import members_of
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.moderation.restraints import let_in
from outcry.services.chat.names import Names
from outcry.services.chat.rights import ROLES
from outcry.services.chat.room_news import tell_moved
from outcry.services.chat.settings import ChatSettings


def people_of(members: Sequence[MemberRow]) -> list[UUID]:
    """Return the people among members, without the assistant."""
    return [row.user_id for row in members if row.kind == "person"]


class Roster:
    """Changes and shows members. The caller holds the room's row."""

    def __init__(self, *, names: Names, clock: Clock, settings: ChatSettings) -> None:
        self._names = names
        self._clock = clock
        self._settings = settings

    def bring_in(
        self, session: AsyncSession, *, tenant_id: UUID, room_id: UUID, user_id: UUID, role: str = "member"
    ) -> MemberRow:
        """Make somebody a member."""
        row = MemberRow(
            room_id=room_id,
            user_id=user_id,
            tenant_id=tenant_id,
            kind="assistant" if user_id == ASSISTANT_ID else "person",
            role=role,
            archived=False,
            favourite=False,
            muted=False,
            section="",
            joined_at=self._clock.now(),
        )
        session.add(row)
        return row

    async def admit(
        self, change: Change, room: RoomRow, user_id: UUID, *, role: str = "member", by: UUID | None, full: bool = True
    ) -> MemberRow:
        """Let somebody into a room and tell it; who is in already stays as they are.

        Raises BannedError, and RoomFullError where ``full`` counts: somebody who was invited by name has a place in
        any case. Who was silenced before they left still is.
        """
        members = await members_of(change.session, room.id)
        present = next((row for row in members if row.user_id == user_id), None)
        if present is not None:
            return present
        silence = await let_in(change.session, room.id, user_id, self._clock.now())
        if full:
            self.check_place(room, len(members) + 1)
        row = self.bring_in(change.session, tenant_id=room.tenant_id, room_id=room.id, user_id=user_id, role=role)
        if silence is not None:
            row.silenced_at, row.silenced_until = silence.since, silence.until
        members.append(row)
        tell_moved(change.transaction, room, "joined", user_id, members, actor_id=by)
        self.tell(change, room, members)
        if row.kind == "person":
            change.tell_lists([user_id])
        return row

    async def dismiss(self, change: Change, room: RoomRow, user_id: UUID, *, by: UUID | None) -> None:
        """Take somebody out of a room and tell it, to them too; that their list changed is for the caller to tell."""
        members = await members_of(change.session, room.id)
        staying = await self.take_out(change.session, room.id, members, user_id)
        tell_moved(change.transaction, room, "left", user_id, staying, actor_id=by)
        self.tell_leaving(change, room, staying, user_id)

    def check_place(self, room: RoomRow, count: int) -> None:
        """Raise RoomFullError when a room cannot have so many members."""
        most = self._settings.most_in_group if room.kind == "group" else self._settings.most_members
        if count > most:
            raise RoomFullError(f"This room can have {most} members at most.")

    async def take_out(
        self, session: AsyncSession, room_id: UUID, members: Sequence[MemberRow], user_id: UUID
    ) -> list[MemberRow]:
        """End a membership and return who stays.

        Where the owner goes, whoever stands highest is the next, and among equals who was there longest.
        ``members`` are all of the room, in the order in which they came.
        """
        await session.execute(delete(MemberRow).where(MemberRow.room_id == room_id, MemberRow.user_id == user_id))
        staying = [row for row in members if row.user_id != user_id]
        people = [row for row in staying if row.kind == "person"]
        if people and not any(row.role == "owner" for row in people):
            min(people, key=lambda row: ROLES.index(row.role)).role = "owner"
        return staying

    def tell(self, change: Change, room: RoomRow, members: Sequence[MemberRow]) -> None:
        """Show who is in a room now, to those who are."""

        async def make() -> RoomUpdate:
            names = await self._names.of(room.tenant_id, people_of(members))
            return RoomUpdate(kind="members", members=tuple(row.to_member(names) for row in members))

        change.tell_after("members", make, room_id=room.id)

    def tell_leaving(self, change: Change, room: RoomRow, staying: Sequence[MemberRow], user_id: UUID) -> None:
        """Close a room to somebody who is out of it, and show the others who stays."""
        change.tell_removed(user_id, room_id=room.id)
        self.tell(change, room, staying)
