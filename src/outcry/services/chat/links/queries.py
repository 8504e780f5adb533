"""Shows the links of a room, and what a link leads to."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.links.contracts import LinkLook, RoomLink
from outcry.services.chat.links.errors import LinkNotFoundError
from outcry.services.chat.links.models import LinkRow
from outcry.services.chat.links.tokens import find_open
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import RoomRow, to_authors
from outcry.services.chat.names import Name, Names
from outcry.services.chat.rights import Right, require


class LinkQueries:
    """Reads links. Their tokens are not kept, so nobody sees one again."""

    def __init__(self, *, database: Database, auth: AuthFacade, names: Names, clock: Clock) -> None:
        self._database = database
        self._auth = auth
        self._names = names
        self._clock = clock

    async def list_links(self, principal: Principal, room_id: UUID) -> tuple[RoomLink, ...]:
        """Return the links of a room that work, the newest first."""
        query = (
            select(LinkRow)
            .where(LinkRow.room_id == room_id, LinkRow.tenant_id == principal.tenant_id)
            .where(LinkRow.revoked_at.is_(None), LinkRow.expires_at > self._clock.now())
            .order_by(LinkRow.created_at.desc(), LinkRow.id.desc())
        )
        async with self._database.reading() as session:
            _, own = await room_of(session, principal, room_id)
            require(own, Right.LINK)
            rows = [row for row in await session.scalars(query) if row.is_open(self._clock.now())]
        names = await self._names.of(principal.tenant_id, (row.made_by for row in rows))
        return tuple(to_link(row, names) for row in rows)

    async def look(self, token: str) -> LinkLook:
        """Say what a link leads to; raises LinkNotFoundError."""
        async with self._database.reading() as session:
            row = await find_open(session, token, self._clock)
            if row is None:
                raise LinkNotFoundError()
            room = await session.get_one(RoomRow, row.room_id)
        organisation = await self._auth.find_organisation(tenant_id=row.tenant_id)
        if organisation is None:
            raise LinkNotFoundError()
        return LinkLook(
            room=room.title,
            organisation=organisation.name,
            role=row.role,
            guests=row.guests,
            expires_at=row.expires_at,
        )


def to_link(row: LinkRow, names: Mapping[UUID, Name]) -> RoomLink:
    """Return a link as people see it."""
    return RoomLink(
        id=row.id,
        role=row.role,
        guests=row.guests,
        made_by=to_authors((row.made_by,), names)[0],
        created_at=row.created_at,
        expires_at=row.expires_at,
        uses=row.uses,
        most_uses=row.most_uses,
    )
