"""Makes and revokes links to rooms, and lets in who has one."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Changes
from outcry.services.chat.errors import DirectRoomError, GuestElsewhereError
from outcry.services.chat.events import RoomLinkChanged
from outcry.services.chat.links.contracts import Joined, LinkRole, NewLink
from outcry.services.chat.links.errors import LinkForMembersError, LinkNotFoundError, TooManyLinksError
from outcry.services.chat.links.models import LinkRow
from outcry.services.chat.links.queries import to_link
from outcry.services.chat.links.tokens import find_open, hash_of
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.moderation.restraints import check_ban
from outcry.services.chat.names import Names
from outcry.services.chat.rights import Right, require
from outcry.services.chat.roster import Roster

MOST_OPEN = 20


class LinkCommands:
    """What happens with a link. It works for as long as whoever made it may make one."""

    def __init__(
        self,
        *,
        database: Database,
        changes: Changes,
        auth: AuthFacade,
        names: Names,
        roster: Roster,
        clock: Clock,
    ) -> None:
        self._database = database
        self._changes = changes
        self._auth = auth
        self._names = names
        self._roster = roster
        self._clock = clock

    async def make(
        self, principal: Principal, room_id: UUID, *, role: LinkRole, guests: bool, hours: int, most_uses: int | None
    ) -> NewLink:
        """Make a link; one that lets in guests needs the right to invite people into the organisation."""
        principal.require("chat:link:manage")
        if guests:
            principal.require("auth:invitation:manage")
        now, token = self._clock.now(), secrets.token_urlsafe(32)
        row = LinkRow(
            id=new_id(),
            tenant_id=principal.tenant_id,
            room_id=room_id,
            token_hash=hash_of(token),
            role=role,
            guests=guests,
            made_by=principal.user_id,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
            most_uses=most_uses,
            uses=0,
        )
        async with self._database.transaction() as transaction:
            room, own = await room_of(transaction.session, principal, room_id, lock=True)
            require(own, Right.LINK)
            if room.kind == "direct":
                raise DirectRoomError()
            if await self._count_open(transaction.session, room_id) >= MOST_OPEN:
                raise TooManyLinksError(f"A room can have {MOST_OPEN} open links at most. Revoke some.")
            transaction.session.add(row)
            _tell(transaction, row, "made", actor_id=principal.user_id)
        names = await self._names.of(principal.tenant_id, (row.made_by,))
        return NewLink(link=to_link(row, names), token=token)

    async def revoke(self, principal: Principal, room_id: UUID, link_id: UUID) -> None:
        """End a link; raises LinkNotFoundError."""
        async with self._database.transaction() as transaction:
            _, own = await room_of(transaction.session, principal, room_id, lock=True)
            require(own, Right.LINK)
            query = select(LinkRow).where(
                LinkRow.id == link_id, LinkRow.room_id == room_id, LinkRow.tenant_id == principal.tenant_id
            )
            row = await transaction.session.scalar(query.with_for_update())
            if row is None or not row.is_open(self._clock.now()):
                raise LinkNotFoundError("There is no such open link.")
            row.revoked_at = self._clock.now()
            _tell(transaction, row, "revoked", actor_id=principal.user_id)

    async def join(self, principal: Principal, *, token: str) -> Joined:
        """Come into the room of a link; from another organisation as a guest of that room.

        Raises LinkNotFoundError, LinkForMembersError, GuestElsewhereError, RoomFullError, BannedError and,
        for a guest, what the auth service refuses: the organisation has no guests, or they are a member of it already.
        """
        async with self._database.reading() as session:
            found = await find_open(session, token, self._clock)
        if found is None:
            raise LinkNotFoundError()
        if found.tenant_id != principal.tenant_id:
            return await self._join_as_guest(principal, found, token)
        # A guest is in the one room that they were invited to.
        known = await self._auth.list_colleagues(tenant_id=principal.tenant_id, ids=(principal.user_id,))
        if not known or known[0].room_id not in (None, found.room_id):
            raise GuestElsewhereError("You are a guest of another room, and can be in that one only.")
        async with self._changes.of(found.room_id) as change:
            row, room = await self._hold(change.session, token)
            present = await change.session.get(MemberRow, (room.id, principal.user_id))
            if present is None:
                await self._roster.admit(change, room, principal.user_id, role=row.role, by=row.made_by)
                self._count(change.transaction, row, principal.user_id)
        return Joined(room_id=room.id, organisation_id=room.tenant_id, guest=False)

    async def _join_as_guest(self, principal: Principal, found: LinkRow, token: str) -> Joined:
        """Take one use of the link, and give it back when the auth service lets nobody in.

        The auth service tells that there is a guest; hearing that, this service brings them into the room.
        """
        if not found.guests:
            raise LinkForMembersError()
        async with self._database.transaction() as transaction:
            row, room = await self._hold(transaction.session, token)
            await check_ban(transaction.session, room.id, principal.user_id, self._clock.now())
            row.uses += 1
        try:
            await self._auth.admit_guest(
                tenant_id=row.tenant_id,
                person_id=principal.user_id,
                room_id=row.room_id,
                room_role=row.role,
                invited_by=row.made_by,
            )
        except BaseException:
            async with self._database.transaction() as transaction:
                (await transaction.session.get_one(LinkRow, row.id, with_for_update=True)).uses -= 1
            raise
        async with self._database.transaction() as transaction:
            _tell(transaction, row, "used", actor_id=principal.user_id, person_id=principal.user_id)
        return Joined(room_id=room.id, organisation_id=row.tenant_id, guest=True)

    def _count(self, transaction: Transaction, row: LinkRow, person_id: UUID) -> None:
        row.uses += 1
        _tell(transaction, row, "used", actor_id=person_id, person_id=person_id)

    async def _hold(self, session: AsyncSession, token: str) -> tuple[LinkRow, RoomRow]:
        """Return an open link and its room, both held: of two who take the last use one gets it."""
        found = await find_open(session, token, self._clock)
        if found is None:
            raise LinkNotFoundError()
        room = await session.scalar(select(RoomRow).where(RoomRow.id == found.room_id).with_for_update())
        await session.refresh(found, with_for_update=True)
        if room is None or not found.is_open(self._clock.now()):
            raise LinkNotFoundError()
        return found, room

    async def _count_open(self, session: AsyncSession, room_id: UUID) -> int:
        query = select(func.count()).where(
            LinkRow.room_id == room_id, LinkRow.revoked_at.is_(None), LinkRow.expires_at > self._clock.now()
        )
        return await session.scalar(query) or 0


def _tell(transaction: Transaction, row: LinkRow, act: str, *, actor_id: UUID, person_id: UUID | None = None) -> None:
    event = RoomLinkChanged(
        link_id=row.id,
        room_id=row.room_id,
        act=act,
        role=row.role,
        guests=row.guests,
        expires_at=row.expires_at,
        most_uses=row.most_uses,
        person_id=person_id,
    )
    transaction.publish(event, tenant_id=row.tenant_id, key=str(row.room_id), actor_id=actor_id)
