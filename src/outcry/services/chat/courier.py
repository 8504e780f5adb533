"""Shows on the realtime topics what was committed: to a room's topic, and to each member's own."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import MISSING, fields
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import TypeAdapter

from outcry.kit.topics import Position
from outcry.ports.realtime import Realtime
from outcry.services.chat.contracts import Message, RoomUpdate

_UPDATE = TypeAdapter(RoomUpdate)
_DEFAULTS = {field.name: field.default for field in fields(RoomUpdate) if field.default is not MISSING}

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
    """Publishes RoomUpdates as JSON, after the commit and in its order; Changes sees to both."""

    def __init__(self, realtime: Realtime) -> None:
        self._realtime = realtime
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._on_message: Callable[[Message], None] | None = None
        self._on_removed: Callable[[UUID, UUID], None] | None = None

    def watch(self, *, on_message: Callable[[Message], None], on_removed: Callable[[UUID, UUID], None]) -> None:
        """Have each message that is shown, and each person (then room) that is out, told inside this process too."""
        self._on_message, self._on_removed = on_message, on_removed

    @asynccontextmanager
    async def in_order(self, thing: UUID) -> AsyncIterator[None]:
        """Let one task at a time change and show a room, so that both have one order."""
        lock = self._locks.get(thing)
        if lock is None:
            lock = self._locks[thing] = asyncio.Lock()
        async with lock:
            yield

    async def show(self, room_id: UUID, update: RoomUpdate, at: Position | None) -> None:
        """Show an update on a room's topic, at its place in the room's log."""
        await self._realtime.append(room_topic(room_id), to_json(update), at=at)
        if self._on_message and update.message:
            self._on_message(update.message)

    async def show_person(self, user_id: UUID, body: Mapping[str, Any]) -> None:
        """Show a person something on their own topic: an object with a ``kind``."""
        await self._realtime.append(user_topic(user_id), json.dumps(body))
        if self._on_removed and body.get("kind") == "removed":
            self._on_removed(user_id, UUID(body["room_id"]))

    async def forget(self, room_id: UUID) -> None:
        """Let the topic of a room forget what it still keeps of words and names that are erased."""
        await self._realtime.forget(room_topic(room_id))
