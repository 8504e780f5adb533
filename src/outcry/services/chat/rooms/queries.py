"""The directory of open rooms, and the search for a colleague."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from outcry.kit.errors import InvalidInputError
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Database
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.contracts import Author
from outcry.services.chat.membership import members_of, room_of
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.rooms.contracts import FoundPerson, OpenRoom

MOST_PEOPLE = 20


class RoomQueries:
    """What may be found without being in it."""

    def __init__(self, *, database: Database, auth: AuthFacade) -> None:
        self._database = database
        self._auth = auth

    async def list_open(self, principal: Principal, *, search: str, cursor: str | None, limit: int) -> Page[OpenRoom]:
        """Return the open rooms of the organisation by title; ``search`` is a part of the title or description."""
        principal.require("chat:directory:read")
        count = clamp_limit(limit)
        members = (
            select(func.count())
            .where(MemberRow.room_id == RoomRow.id, MemberRow.kind == "person")
            .correlate(RoomRow)
            .scalar_subquery()
        )
        mine = (
            select(MemberRow.room_id)
            .where(MemberRow.room_id == RoomRow.id, MemberRow.user_id == principal.user_id)
            .correlate(RoomRow)
            .exists()
        )
        title = func.lower(RoomRow.title)
        query = (
            select(RoomRow, members, mine, title)
            .where(RoomRow.tenant_id == principal.tenant_id, RoomRow.kind == "open", *_having(search))
            .order_by(title, RoomRow.id)
            .limit(count + 1)
        )
        if cursor:
            last, room_id = decode_cursor(cursor, str, str)
            query = query.where((title > last) | ((title == last) & (RoomRow.id > _id(str(room_id)))))
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        more = len(rows) > count
        following = encode_cursor(rows[count - 1][3], str(rows[count - 1][0].id)) if more else None
        return Page(items=tuple(_listed(*row[:3]) for row in rows[:count]), next_cursor=following)

    async def find_people(self, principal: Principal, *, start: str, room_id: UUID | None) -> tuple[FoundPerson, ...]:
        """Return colleagues whose name or e-mail address begins so, never oneself; guests are not among them."""
        principal.require("chat:person:search")
        present: set[UUID] = set()
        if room_id is not None:
            async with self._database.reading() as session:
                await room_of(session, principal, room_id)
                present = {row.user_id for row in await members_of(session, room_id)}
        found = await self._auth.search_people(
            tenant_id=principal.tenant_id, start=clean_line(start), limit=MOST_PEOPLE + 1
        )
        people = [colleague.person for colleague in found if colleague.person.id != principal.user_id]
        return tuple(
            FoundPerson(
                author=Author(kind="person", id=person.id, name=person.name, picture=person.picture),
                email=person.email,
                present=person.id in present,
            )
            for person in people[:MOST_PEOPLE]
        )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error


def _having(search: str) -> list[ColumnElement[bool]]:
    """Return the condition that each word is in the title or the description."""
    return [
        func.lower(RoomRow.title).contains(word, autoescape=True)
        | func.lower(RoomRow.description).contains(word, autoescape=True)
        for word in clean_line(search).lower().split()
    ]


def _listed(room: RoomRow, members: int, joined: bool) -> OpenRoom:
    return OpenRoom(
        id=room.id,
        title=room.title,
        description=room.description,
        members=members,
        joined=bool(joined),
        last_activity_at=room.last_activity_at,
    )
