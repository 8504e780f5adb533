"""Says how long rooms keep messages, and places and lifts legal holds."""

from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line, shorten
from outcry.ports.database import Database, Transaction
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.errors import DirectRoomError, RoomNotFoundError
from outcry.services.chat.events import RetentionChanged
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import RoomRow
from outcry.services.chat.retention.errors import HoldNotFoundError
from outcry.services.chat.retention.lifting import let_go
from outcry.services.chat.retention.models import EVERYWHERE, HoldRow, RuleRow
from outcry.services.chat.rights import Right, require

LONGEST_REASON = 500


class RetentionCommands:
    """The rule of a room is its owner's, that of the organisation and every hold its administrators'."""

    def __init__(self, *, database: Database, changes: Changes, clock: Clock) -> None:
        self._database = database
        self._changes = changes
        self._clock = clock

    async def set_rule(self, principal: Principal, room_id: UUID, *, days: int | None) -> None:
        """Have a room keep messages so many days, 0 for good; None follows the organisation's rule."""
        principal.require("chat:retention:manage")
        async with self._changes.of(room_id) as change:
            room, own = await room_of(change.session, principal, room_id, lock=True)
            require(own, Right.MANAGE)
            if room.kind == "direct":
                raise DirectRoomError("Neither of the two in a direct room decides how long the other's words stay.")
            await self._write_rule(change.transaction, principal, room_id, days)
            change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))

    async def set_usual(self, principal: Principal, *, days: int) -> None:
        """Have all rooms without a rule of their own keep messages so many days; 0 is for good."""
        principal.require("chat:retention:default")
        async with self._database.transaction() as transaction:
            await self._write_rule(transaction, principal, EVERYWHERE, days)

    async def hold(self, principal: Principal, room_id: UUID | None, *, reason: str) -> None:
        """Let nothing go from a room, or from the organisation; placed again, it has the new reason."""
        principal.require("chat:hold:manage")
        async with self._database.transaction() as transaction:
            await _check_room(transaction, principal, room_id)
            row = HoldRow(
                tenant_id=principal.tenant_id,
                room_id=room_id or EVERYWHERE,
                reason=shorten(clean_line(reason), LONGEST_REASON),
                placed_by=principal.user_id,
                placed_at=self._clock.now(),
            )
            await transaction.session.merge(row)
            _publish(transaction, principal, room_id, "held")

    async def release(self, principal: Principal, room_id: UUID | None) -> None:
        """Lift a hold, and let go of what only it kept; raises HoldNotFoundError."""
        principal.require("chat:hold:manage")
        async with self._database.transaction() as transaction:
            row = await transaction.session.get(HoldRow, (principal.tenant_id, room_id or EVERYWHERE))
            if row is None:
                raise HoldNotFoundError()
            await transaction.session.delete(row)
            await transaction.session.flush()
            await let_go(transaction.session, principal.tenant_id)
            _publish(transaction, principal, room_id, "released")

    async def _write_rule(
        self, transaction: Transaction, principal: Principal, room_id: UUID, days: int | None
    ) -> None:
        session = transaction.session
        before = await session.get(RuleRow, (principal.tenant_id, room_id), with_for_update=True)
        was = None if before is None else before.days
        if days is None and before is not None:
            await session.delete(before)
        elif days is not None:
            row = RuleRow(tenant_id=principal.tenant_id, room_id=room_id, days=days)
            row.changed_by, row.changed_at = principal.user_id, self._clock.now()
            await session.merge(row)
        _publish(transaction, principal, None if room_id == EVERYWHERE else room_id, "rule", was=was, now=days)


async def _check_room(transaction: Transaction, principal: Principal, room_id: UUID | None) -> None:
    """Raise RoomNotFoundError unless the room is of the organisation; who holds it need not be in it."""
    if room_id is None:
        return
    # Held, so that nothing is being taken away from it while the hold is placed.
    query = select(RoomRow.id).where(RoomRow.id == room_id, RoomRow.tenant_id == principal.tenant_id)
    if await transaction.session.scalar(query.with_for_update()) is None:
        raise RoomNotFoundError()


def _publish(
    transaction: Transaction,
    principal: Principal,
    room_id: UUID | None,
    act: str,
    *,
    was: int | None = None,
    now: int | None = None,
) -> None:
    event = RetentionChanged(room_id=room_id, act=act, was=was, now=now)
    key = str(room_id or principal.tenant_id)
    transaction.publish(event, tenant_id=principal.tenant_id, key=key, actor_id=principal.user_id)
