"""Reads who is in an organisation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import from_micros, to_micros
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.contracts import Person
from outcry.services.auth.directory import Directory
from outcry.services.auth.errors import MemberNotFoundError
from outcry.services.auth.models.people import MembershipRow, PersonRow
from outcry.services.auth.reading_news import tell_people_read


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """Somebody in the organisation; ``room_id`` is the one room of a guest."""

    person: Person
    role: str
    joined_at: datetime
    disabled: bool
    room_id: UUID | None


class MemberQueries:
    """Only the members of the organisation that asks."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory

    async def list_members(self, principal: Principal, *, cursor: str | None, limit: int) -> Page[MemberView]:
        """Return a page of the organisation's people, guests and disabled ones too, who joined first at the head."""
        count = clamp_limit(limit)
        query = _members(principal).order_by(MembershipRow.joined_at, MembershipRow.person_id).limit(count + 1)
        if cursor:
            query = query.where(_after(cursor))
        views = await self._open(query)
        items = views[:count]
        more = len(views) > count
        following = encode_cursor(to_micros(items[-1].joined_at), str(items[-1].person.id)) if more else None
        await tell_people_read(self._database, principal, what="members", count=len(items))
        return Page(items=tuple(items), next_cursor=following)

    async def get_member(self, principal: Principal, person_id: UUID) -> MemberView:
        """Return a member of the organisation; raises MemberNotFoundError."""
        found = await self._open(_members(principal).where(MembershipRow.person_id == person_id))
        if not found:
            raise MemberNotFoundError()
        return found[0]

    async def _open(self, query: Select[MembershipRow, PersonRow]) -> list[MemberView]:
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
            people = await self._directory.open_people(session, [person for _, person in rows])
        return [
            MemberView(
                person=person,
                role=seat.role,
                joined_at=seat.joined_at,
                disabled=seat.disabled_at is not None,
                room_id=seat.room_id,
            )
            for (seat, _), person in zip(rows, people, strict=True)
        ]


def _members(principal: Principal) -> Select[MembershipRow, PersonRow]:
    return (
        select(MembershipRow, PersonRow)
        .join(PersonRow, PersonRow.id == MembershipRow.person_id)
        .where(MembershipRow.organisation_id == principal.tenant_id)
    )


def _after(cursor: str) -> ColumnElement[bool]:
    micros, person_id = decode_cursor(cursor, int, str)
    try:
        moment, last_id = from_micros(int(micros)), UUID(str(person_id))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
    return or_(
        MembershipRow.joined_at > moment,
        and_(MembershipRow.joined_at == moment, MembershipRow.person_id > last_id),
    )
