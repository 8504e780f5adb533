"""Facts that services publish, and the envelope they travel in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id

E = TypeVar("E", bound="Event")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    # Making one costs a millisecond, and there are few kinds.
    found = _adapters.get(kind)
    if found is None:
        found = _adapters[kind] = TypeAdapter(kind)
    return found


class Event:
    """The base of every fact: a frozen dataclass with a versioned name such as ``chat.message_posted.v1``."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event as it is stored, sent and handled.

    ``key`` orders: envelopes of one key are handled in the order in which they were written. ``causation`` is the
    id of the event or request that led to this one, ``trace`` the W3C trace id that both belong to, and ``address``
    the network address that the request came from, empty where there was none.
    """

    id: UUID
    name: str
    time: datetime
    tenant_id: UUID
    actor_id: UUID | None
    causation_id: UUID | None
    trace: str
    key: str
    data: dict[str, Any]
    address: str = ""

    def open(self, kind: type[E]) -> E:
        """Return the event inside; raises ValueError when it is of another kind or does not fit."""
        if kind.name != self.name:
            raise ValueError(f"{self.name} is not {kind.name}")
        event: E = _adapter(kind).validate_python(self.data)
        return event


def seal(
    event: Event,
    *,
    clock: Clock,
    tenant_id: UUID,
    key: str,
    actor_id: UUID | None = None,
    causation_id: UUID | None = None,
    trace: str = "",
    address: str = "",
) -> Envelope:
    """Put an event in its envelope, stamped with the time and a new id."""
    return Envelope(
        id=new_id(),
        name=event.name,
        time=clock.now(),
        tenant_id=tenant_id,
        actor_id=actor_id,
        causation_id=causation_id,
        trace=trace,
        key=key,
        data=_adapter(type(event)).dump_python(event, mode="json"),
        address=address,
    )
