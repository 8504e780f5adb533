"""Who is in a room: how somebody comes in and out, who owns it then, and how it is shown."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.services.chat.contracts import ASSISTANT_ID
from outcry.services.chat.courier import Courier
from outcry.services.chat.models import MemberRow
from outcry.services.chat.names import Names
from outcry.services.chat.rights import ROLES


def people_of(members: Sequence[MemberRow]) -> list[UUID]:
    """Return the people among members, without the assistant."""
    return [row.user_id for row in members if row.kind == "person"]


class Roster:
    """Changes and shows members. The caller holds the room's row, and shows in the order of its commits."""

    def __init__(self, *, courier: Courier, names: Names, clock: Clock) -> None:
        self._courier = courier
        self._names = names
        self._clock = clock

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

    async def show(self, tenant_id: UUID, room_id: UUID, members: Sequence[MemberRow]) -> None:
        """Show who is in a room now, to those who are."""
        names = await self._names.of(tenant_id, people_of(members))
        await self._courier.members(room_id, tuple(row.to_member(names) for row in members))

    async def show_leaving(self, tenant_id: UUID, room_id: UUID, staying: Sequence[MemberRow], user_id: UUID) -> None:
        """Close a room to somebody who is out of it, and show the others who stays."""
        await self._courier.removed(user_id, room_id)
        await self.show(tenant_id, room_id, staying)
