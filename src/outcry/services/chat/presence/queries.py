"""What reads presence."""

from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.chat.membership import Memberships, room_of
from outcry.services.chat.models import MemberRow
from outcry.services.chat.presence.board import Board
from outcry.services.chat.presence.contracts import RoomPresence, Standing
from outcry.services.chat.presence.standings import NOTHING, is_plain, look, standings_of
from outcry.services.chat.presence.teller import presence_topic


class PresenceQueries:
    """How people are, as far as somebody may see it: those of the rooms that they are in."""

    def __init__(self, *, database: Database, realtime: Realtime, board: Board, clock: Clock) -> None:
        self._database = database
        self._realtime = realtime
        self._board = board
        self._clock = clock
        self._memberships = Memberships(database)

    async def get_standing(self, principal: Principal) -> Standing:
        """Return what the person chose."""
        person = (principal.tenant_id, principal.user_id)
        async with self._database.reading() as session:
            return (await standings_of(session, (person,), self._clock.now())).get(person, NOTHING)

    async def room_presence(self, principal: Principal, room_id: UUID) -> RoomPresence:
        """Return how the people of a room are; raises RoomNotFoundError."""
        # The position first: what changes in between is in the answer and is told again, which does no harm.
        position = await self._realtime.position(presence_topic(room_id))
        query = select(MemberRow.user_id).where(MemberRow.room_id == room_id, MemberRow.kind == "person")
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            people = [(principal.tenant_id, user_id) for user_id in await session.scalars(query)]
            standings = await standings_of(session, people, self._clock.now())
        looks = (look(each[1], self._board.activity(each), standings.get(each, NOTHING)) for each in people)
        shown = tuple(presence for presence in looks if not is_plain(presence))
        return RoomPresence(epoch=position.epoch, offset=position.offset, people=shown)

    async def may_listen(self, principal: Principal, place: str) -> bool:
        """Say whether a person may follow a room's presence or typing: ``<room>`` or ``<organisation>:<room>``."""
        return principal.may("chat:presence:read") and await self._memberships.is_in(
            principal, place.rpartition(":")[2]
        )
