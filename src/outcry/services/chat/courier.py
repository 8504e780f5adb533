"""Shows on the realtime topics what was committed: to a room's topic, and to each member's own."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import MISSING, fields
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import TypeAdapter

from outcry.ports.realtime import Realtime
from outcry.services.chat.contracts import Member, Message, Room, RoomUpdate

_UPDATE = TypeAdapter(RoomUpdate)
_DEFAULTS = {field.name: field.default for field in fields(RoomUpdate) if field.default is not MISSING}
_MESSAGE = TypeAdapter(Message)
_ROOM = TypeAdapter(Room)
_MEMBERS = TypeAdapter(tuple[Member, ...])

# In larger rooms a post is not also told to each member's own topic: it would multiply every message.
MOST_TOLD_OF_POST = 20


def room_topic(room_id: UUID) -> str:
    """Return the name of a room's topic."""
    return f"room:{room_id}"


def user_topic(user_id: UUID) -> str:
    """Return the name of a person's own topic."""
    return f"user:{user_id}"


def to_json(update: RoomUpdate) -> str:
    """Return an update as it goes over the topic: without the fields that its kind has no use for."""
    unused = {name for name, default in _DEFAULTS.items() if name != update.kind and getattr(update, name) == default}
    return _UPDATE.dump_json(update, exclude=unused).decode()


class Courier:
    """Publishes RoomUpdates as JSON. Call after the commit, inside ``in_order`` so that updates keep its order."""

    def __init__(self, realtime: Realtime) -> None:
        self._realtime = realtime
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def in_order(self, thing: UUID) -> AsyncIterator[None]:
        """Let one task at a time change and show a thing (a room, a message), so that both have one order."""
        lock = self._locks.get(thing)
        if lock is None:
            lock = self._locks[thing] = asyncio.Lock()
        async with lock:
            yield

    async def show(self, room_id: UUID, update: RoomUpdate) -> None:
        """Show an update on a room's topic."""
        await self._realtime.append(room_topic(room_id), to_json(update))

    async def show_person(self, user_id: UUID, body: Mapping[str, Any]) -> None:
        """Show a person something on their own topic: an object with a ``kind``."""
        await self._realtime.append(user_topic(user_id), json.dumps(body))

    async def message(self, message: Message) -> None:
        """Show a new or changed message, whole."""
        body = _MESSAGE.dump_json(message).decode()
        await self._realtime.append(room_topic(message.room_id), f'{{"kind":"message","message":{body}}}')

    async def delta(self, room_id: UUID, message_id: UUID, version: int, at: int, text: str) -> None:
        """Show how a message's text goes on."""
        await self._room(room_id, "delta", message_id=str(message_id), version=version, at=at, text=text)

    async def activity(self, room_id: UUID, message_id: UUID, version: int, text: str) -> None:
        """Show what the assistant is doing."""
        await self._room(room_id, "activity", message_id=str(message_id), version=version, text=text)

    async def room(self, room: Room) -> None:
        """Show a room's new title or state."""
        await self._room(room.id, "room", room=_ROOM.dump_python(room, mode="json"))

    async def members(self, room_id: UUID, members: tuple[Member, ...]) -> None:
        """Show who is in a room now."""
        await self._room(room_id, "members", members=_MEMBERS.dump_python(members, mode="json"))

    async def rooms_changed(self, user_ids: Iterable[UUID]) -> None:
        """Tell people that their list of rooms changed."""
        for user_id in user_ids:
            await self._realtime.append(user_topic(user_id), '{"kind":"rooms"}')

    async def removed(self, user_id: UUID, room_id: UUID) -> None:
        """Tell a person, and their open sockets, that they are no longer in a room."""
        body = json.dumps({"kind": "removed", "room_id": str(room_id)})
        await self._realtime.append(user_topic(user_id), body)

    async def forget(self, room_id: UUID) -> None:
        """Let the topic of a room forget what it still keeps of words and names that are erased."""
        await self._realtime.forget(room_topic(room_id))

    async def _room(self, room_id: UUID, kind: str, **fields: Any) -> None:
        await self._realtime.append(room_topic(room_id), json.dumps({"kind": kind, **fields}))
