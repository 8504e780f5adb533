"""The seam of changes: what happens in a room is written, and shown to who is there, in one and the same order."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.events import Event
from outcry.ports.database import Database, Transaction
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.courier import Courier

# What makes an update after the commit: for what has to ask another service first, such as the members' names.
MakeUpdate = Callable[[], Awaitable[RoomUpdate]]


class Change:
    """An open transaction on a room, and what is to be told of it once it is committed."""

    def __init__(self, transaction: Transaction, room_id: UUID) -> None:
        self._transaction = transaction
        self._room_id = room_id
        self.updates: list[tuple[UUID, RoomUpdate | MakeUpdate]] = []
        self.personal: list[tuple[UUID, Mapping[str, Any]]] = []

    @property
    def transaction(self) -> Transaction:
        """The transaction, for what takes one."""
        return self._transaction

    @property
    def session(self) -> AsyncSession:
        """The session that all rows of this change go through."""
        return self._transaction.session

    def publish(
        self,
        event: Event,
        *,
        tenant_id: UUID,
        key: str,
        actor_id: UUID | None = None,
        causation_id: UUID | None = None,
    ) -> UUID:
        """Write an event to the outbox, as Transaction does."""
        return self._transaction.publish(
            event, tenant_id=tenant_id, key=key, actor_id=actor_id, causation_id=causation_id
        )

    async def first_time(self, event_id: UUID, consumer: str) -> bool:
        """Record in the inbox that ``consumer`` handled this event; False when it already had."""
        return await self._transaction.first_time(event_id, consumer)

    def tell(self, update: RoomUpdate, *, room_id: UUID | None = None) -> None:
        """Put an update into the room's log, with this change, and show it after the commit.

        ``room_id`` is needed where the change is of several rooms.
        """
        self.updates.append((room_id or self._room_id, update))

    def tell_after(self, kind: str, make: MakeUpdate, *, room_id: UUID | None = None) -> None:
        """Do the same with an update of a ``kind`` that is made after the commit.

        No transaction may wait for another service: an update with the names of people asks for them afterwards.
        """
        del kind
        self.updates.append((room_id or self._room_id, make))

    def tell_person(self, user_id: UUID, body: Mapping[str, Any]) -> None:
        """Show a person something on their own topic, after the commit and after what the room is told."""
        self.personal.append((user_id, body))

    def tell_lists(self, user_ids: Iterable[UUID]) -> None:
        """Tell people that their list of rooms changed."""
        for user_id in user_ids:
            self.tell_person(user_id, {"kind": "rooms"})


class Changes:
    """Opens changes. One that raises writes nothing and shows nothing."""

    def __init__(self, *, database: Database, courier: Courier) -> None:
        self._database = database
        self._courier = courier

    @asynccontextmanager
    async def of(self, room_id: UUID, *others: UUID) -> AsyncIterator[Change]:
        """Change a room, or several, while nobody else in this process does.

        It takes the room's place in the order, then opens the transaction; commits and shows when the block ends well.
        """
        async with AsyncExitStack() as order:
            # Always in the same order, so that two who want the same rooms do not wait for each other.
            for each in sorted({room_id, *others}):
                await order.enter_async_context(self._courier.in_order(each))
            async with self._database.transaction() as transaction:
                change = Change(transaction, room_id)
                yield change
            for told_room, update in change.updates:
                await self._courier.show(told_room, update if isinstance(update, RoomUpdate) else await update())
            for user_id, body in change.personal:
                await self._courier.show_person(user_id, body)
