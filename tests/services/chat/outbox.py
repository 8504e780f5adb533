"""Reads the events that a service has written and no relay has published."""

from typing import TypeVar

from outcry.adapters.database.relational import RelationalDatabase
from outcry.kit.events import Event

E = TypeVar("E", bound=Event)


async def events_of(database: RelationalDatabase, kind: type[E]) -> list[E]:
    """Return the events of a kind, in their order."""
    rows = await database.pending(after=0, limit=1000)
    return [envelope.open(kind) for _, envelope, _ in rows if envelope.name == kind.name]
