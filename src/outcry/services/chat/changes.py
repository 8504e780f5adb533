"""The seam of changes: what happens in a room is written, and shown to who is there, in one and the same order."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.events import Event
from outcry.kit.topics import Position
from outcry.ports.database import Database, Transaction
from outcry.ports.message_log import MessageLog, NewEntry
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.courier import Courier

log = logging.getLogger(__name__)

# What makes an update after the commit: for what has to ask another service first, such as the members' names.
MakeUpdate = Callable[[], Awaitable[RoomUpdate]]
# These go on telling of a message; who reads them later reads the message.
_OF_A_MESSAGE = frozenset({"message", "delta", "activity"})


@dataclass(frozen=True, slots=True)
class Told:
    """Something to show after the commit: ``entry`` is what stands of it in the room's log, None for a person's."""

    entry: NewEntry | None
    show: Callable[[Position | None], Awaitable[None]]


class Change:
    """An open transaction on a room, and what is to be told of it once it is committed."""

    def __init__(self, transaction: Transaction, courier: Courier, room_id: UUID | None = None) -> None:
        self._transaction = transaction
        self._courier = courier
        self._room_id = room_id
        self.told: list[Told] = []
        self.forgotten: list[UUID] = []

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

        ``room_id`` is needed where the change is of several rooms. A kind that is not in ``log/states.py`` yet needs a
        line there, for those who read it later.
        """
        room = self._room(room_id)
        message_id = update.message.id if update.message else update.message_id
        about_message = update.kind in _OF_A_MESSAGE and message_id is not None
        entry = NewEntry(
            log_id=room,
            kind="message" if about_message else update.kind,
            subject_id=message_id if about_message and message_id else update.topic.id if update.topic else room,
        )
        self.told.append(Told(entry, partial(self._courier.show, room, update)))

    def tell_after(
        self, kind: str, make: MakeUpdate, *, room_id: UUID | None = None, subject_id: UUID | None = None
    ) -> None:
        """Do the same with an update of a ``kind`` that is made after the commit.

        No transaction may wait for another service: an update with the names of people asks for them afterwards.
        ``subject_id`` is the message that a ``message`` is about.
        """
        room = self._room(room_id)

        async def show(at: Position | None) -> None:
            await self._courier.show(room, await make(), at)

        self.told.append(Told(NewEntry(log_id=room, kind=kind, subject_id=subject_id or room), show))

    def tell_person(self, user_id: UUID, body: Mapping[str, Any]) -> None:
        """Show a person something on their own topic, after the commit."""

        async def show(_: Position | None) -> None:
            await self._courier.show_person(user_id, body)

        self.told.append(Told(None, show))

    def tell_lists(self, user_ids: Iterable[UUID]) -> None:
        """Tell people that their list of rooms changed."""
        for user_id in user_ids:
            self.tell_person(user_id, {"kind": "rooms"})

    def tell_removed(self, user_id: UUID, *, room_id: UUID | None = None) -> None:
        """Tell a person, and their open sockets, that they are no longer in the room.

        What is told before this they still hear, and nothing of what is told after it.
        """
        self.tell_person(user_id, {"kind": "removed", "room_id": str(self._room(room_id))})

    def forget_shown(self, *, room_id: UUID | None = None) -> None:
        """Let nobody have again what was shown of the room before: there are words in it that are erased now."""
        self.forgotten.append(self._room(room_id))

    def _room(self, room_id: UUID | None) -> UUID:
        found = room_id or self._room_id
        if found is None:
            raise ValueError("which of the rooms?")
        return found


class Changes:
    """Opens changes. One that raises writes nothing and shows nothing."""

    def __init__(self, *, database: Database, courier: Courier, log: MessageLog) -> None:
        self._database = database
        self._courier = courier
        self._log = log

    def place(self, room_id: UUID) -> AbstractAsyncContextManager[None]:
        """Hold a room's place in the order, for changes by ``held``."""
        return self._courier.in_order(room_id)

    @asynccontextmanager
    async def of(self, *room_ids: UUID) -> AsyncIterator[Change]:
        """Change a room, or several, while nobody else in this process does.

        It takes the room's place in the order, then opens the transaction; commits and shows when the block ends well.
        """
        async with AsyncExitStack() as order:
            # Always in the same order, so that two who want the same rooms do not wait for each other.
            for each in sorted(set(room_ids)):
                await order.enter_async_context(self._courier.in_order(each))
            async with self.held(room_ids[0] if len(room_ids) == 1 else None) as change:
                yield change

    @asynccontextmanager
    async def held(self, room_id: UUID | None = None) -> AsyncIterator[Change]:
        """Do the same for who holds the places of the rooms in the order already; ``room_id`` when it is one."""
        epoch = await self._log.epoch()
        async with self._database.transaction() as transaction:
            change = Change(transaction, self._courier, room_id)
            yield change
            offsets = await self._log.append(transaction, [each.entry for each in change.told if each.entry])
        for room_id in change.forgotten:
            await self._courier.forget(room_id)
        await _show(change.told, [Position(epoch=epoch, offset=offset) for offset in offsets])


async def _show(told: Sequence[Told], positions: Sequence[Position]) -> None:
    """Show what is committed. What cannot be shown now, followers read from the log when the next is shown."""
    places = iter(positions)
    for each in told:
        at = next(places) if each.entry else None
        try:
            await each.show(at)
        except Exception:
            log.exception("an update could not be made and shown after its commit")
