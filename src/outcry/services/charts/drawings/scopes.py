"""Whose chart it is: a person's own, or a room's, which its members share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_

from outcry.kit.clock import Clock
from outcry.kit.errors import ForbiddenError, NotFoundError
from outcry.kit.principal import Principal
from outcry.services.charts.drawings.models import DrawingRow, DrawingVersionRow
from outcry.services.charts.instruments import InstrumentReader
from outcry.services.charts.naming import to_symbol
from outcry.services.chat.contracts import ChatFacade

# Who may say something in a room may draw in it.
ROOM_RIGHT = "chat:message:post"
_READ = "charts:drawing:read"
_CHANGE = "charts:drawing:change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The place of drawings: a symbol, as one person or one room sees it."""

    tenant_id: UUID
    scope: Literal["person", "room"]
    scope_id: UUID
    symbol: str

    @property
    def name(self) -> str:
        """The chart's part of a topic's name; a person has another one in each of their organisations."""
        if self.scope == "room":
            return f"room.{self.scope_id}:{self.symbol}"
        return f"person.{self.tenant_id}.{self.scope_id}:{self.symbol}"

    @property
    def topic(self) -> str:
        """The log topic of what becomes of its drawings."""
        return f"drawings:{self.name}"

    @property
    def drags(self) -> str:
        """The latest topic of what is being moved on it, as a client calls it."""
        return f"drags:{self.name}"

    def holds(self, table: type[DrawingRow] | type[DrawingVersionRow]) -> ColumnElement[bool]:
        """Return the condition that a row is on this chart."""
        return and_(
            table.tenant_id == self.tenant_id,
            table.scope == self.scope,
            table.scope_id == self.scope_id,
            table.symbol == self.symbol,
        )


def chart_of(row: DrawingRow | DrawingVersionRow) -> Chart:
    """Return the chart that a row is on."""
    scope: Literal["person", "room"] = "room" if row.scope == "room" else "person"
    return Chart(tenant_id=row.tenant_id, scope=scope, scope_id=row.scope_id, symbol=row.symbol)


class Charts:
    """Finds the charts that a person may see."""

    def __init__(self, *, instruments: InstrumentReader, chat: ChatFacade, clock: Clock) -> None:
        self._instruments = instruments
        self._chat = chat
        self._clock = clock

    async def get(self, principal: Principal, symbol: str, room_id: UUID | None) -> Chart:
        """Return a chart; raises NotFoundError for a room that the person is not in and an unknown symbol."""
        if room_id is not None:
            await self._chat.get_room(tenant_id=principal.tenant_id, room_id=room_id, person_id=principal.user_id)
        found = await self._instruments.get(principal.tenant_id, symbol)
        return Chart(
            tenant_id=principal.tenant_id,
            scope="person" if room_id is None else "room",
            scope_id=room_id or principal.user_id,
            symbol=found.instrument.symbol,
        )

    async def may_change(self, principal: Principal, chart: Chart) -> bool:
        """Say whether somebody who sees a chart may also draw on it: in a room, who may say something there."""
        if chart.scope == "person":
            return principal.may(_CHANGE)
        return principal.may(_CHANGE) and principal.may(ROOM_RIGHT) and await self._posts_in(principal, chart.scope_id)

    async def require_change(self, principal: Principal, chart: Chart) -> None:
        """Raise ForbiddenError unless somebody who sees a chart may also draw on it."""
        principal.require(_CHANGE)
        if chart.scope == "person":
            return
        principal.require(ROOM_RIGHT)
        if not await self._posts_in(principal, chart.scope_id):
            raise ForbiddenError("You may only read in this room, and draw nothing on its charts.")

    async def _posts_in(self, principal: Principal, room_id: UUID) -> bool:
        room = await self._chat.get_room(tenant_id=principal.tenant_id, room_id=room_id, person_id=principal.user_id)
        place = room.place
        return place is not None and place.posts and not place.silenced(self._clock.now())

    async def sees(self, principal: Principal, chart: Chart) -> bool:
        """Say whether a chart is the person's own, or of a room that they are in."""
        if chart.tenant_id != principal.tenant_id:
            return False
        if chart.scope == "person":
            return chart.scope_id == principal.user_id
        try:
            await self._chat.get_room(tenant_id=chart.tenant_id, room_id=chart.scope_id, person_id=principal.user_id)
        except NotFoundError:
            return False
        return True

    async def may_listen(self, principal: Principal, name: str) -> bool:
        """Say whether a person may follow the topic of a chart of this name."""
        chart = _from_name(principal.tenant_id, name)
        return chart is not None and principal.may(_READ) and await self.sees(principal, chart)

    async def may_listen_to_drags(self, principal: Principal, name: str) -> bool:
        """Say the same for its topic of drags, whose name begins with the organisation."""
        tenant, _, rest = name.partition(":")
        return tenant == str(principal.tenant_id) and await self.may_listen(principal, rest)


def _from_name(tenant_id: UUID, name: str) -> Chart | None:
    """Return the chart of a topic's name, None where that is not exactly the name of one."""
    place, _, symbol = name.partition(":")
    kind, *ids = place.split(".")
    parsed = _to_ids(ids)
    if to_symbol(symbol) != symbol or not parsed:
        return None
    if (kind, len(parsed)) == ("room", 1):
        chart = Chart(tenant_id=tenant_id, scope="room", scope_id=parsed[0], symbol=symbol)
    elif (kind, len(parsed)) == ("person", 2):
        chart = Chart(tenant_id=parsed[0], scope="person", scope_id=parsed[1], symbol=symbol)
    else:
        return None
    return chart if chart.name == name else None


def _to_ids(texts: Sequence[str]) -> tuple[UUID, ...]:
    try:
        return tuple(UUID(text) for text in texts)
    except ValueError:
        return ()
