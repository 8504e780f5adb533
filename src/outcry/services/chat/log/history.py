"""A room's past from its durable log: what who was away missed, as it is now."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from outcry.kit.topics import Past, Position
from outcry.ports.database import Database
from outcry.ports.message_log import Entry, MessageLog
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.courier import to_json
from outcry.services.chat.log.states import STATES, States
from outcry.services.chat.models import RoomRow
from outcry.services.chat.names import Names

# Who missed more loads the room anew, which is less.
MOST_MISSED = 1_000


class RoomHistory:
    """The TopicHistory of rooms. Who may read one was asked before."""

    def __init__(self, *, database: Database, log: MessageLog, names: Names) -> None:
        self._database = database
        self._log = log
        self._names = names

    async def position(self, name: str) -> Position:
        """Return where a room's log stands."""
        return await self._log.position(UUID(name))

    async def since(self, name: str, after: Position) -> Past | None:
        """Return what was missed: the log's entries first and the state of their subjects second, so none is older."""
        room_id = UUID(name)
        stretch = await self._log.read(room_id, after, most=MOST_MISSED)
        if stretch is None:
            return None
        if not stretch.entries:
            return Past(position=stretch.position, updates=())
        by_kind: dict[str, list[Entry]] = defaultdict(list)
        for entry in stretch.entries:
            by_kind[entry.kind].append(entry)
        states = await self._states(room_id, by_kind)
        if states is None:
            return None
        updates = [
            (entry.offset, to_json(states[entry.kind][entry.subject_id]))
            for entry in stretch.entries
            if entry.subject_id in states[entry.kind]
        ]
        newest = stretch.position.offset
        if not updates or updates[-1][0] < newest:
            # The last thing that happened is to something that is gone. Who reads this has to arrive at the end.
            updates.append((newest, to_json(states["room"][room_id])))
        return Past(position=stretch.position, updates=tuple(updates))

    async def _states(self, room_id: UUID, by_kind: Mapping[str, list[Entry]]) -> Mapping[str, States] | None:
        if not by_kind.keys() <= STATES.keys():
            return None
        async with self._database.reading() as session:
            room = await session.scalar(select(RoomRow).where(RoomRow.id == room_id))
            if room is None:
                return None
            makers = {"room": await STATES["room"](session, room, [room_id])}
            for kind, entries in by_kind.items():
                makers[kind] = await STATES[kind](session, room, [entry.subject_id for entry in entries])
        states: dict[str, Mapping[UUID, RoomUpdate]] = {}
        for kind, make in makers.items():
            states[kind] = await make(self._names)
        return states
