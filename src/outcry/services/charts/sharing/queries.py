"""What lists shared charts."""

from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.sharing.contracts import Share
from outcry.services.charts.sharing.models import ShareRow


class ShareQueries:
    """Shares by whoever made them."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list_shares(
        self, principal: Principal, *, everybody: bool, cursor: str | None, limit: int
    ) -> Page[Share]:
        """Return the person's shares, or the organisation's to who manages them, newest first."""
        table, count = ShareRow, clamp_limit(limit)
        query = select(table).where(table.tenant_id == principal.tenant_id).order_by(table.id.desc()).limit(count + 1)
        if everybody:
            principal.require("charts:share:manage")
        else:
            query = query.where(table.owner_id == principal.user_id)
        if cursor:
            query = query.where(table.id < _decode(cursor))
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        now = self._clock.now()
        more = encode_cursor(str(rows[count - 1].id)) if len(rows) > count else None
        return Page(items=tuple(row.to_share(now) for row in rows[:count]), next_cursor=more)


def _decode(cursor: str) -> UUID:
    try:
        return UUID(str(decode_cursor(cursor, str)[0]))
    except ValueError as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
