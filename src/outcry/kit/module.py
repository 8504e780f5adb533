"""A service as the composition root sees it, and the order in which services start."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from types import NoneType
from typing import Any, Protocol

from outcry.kit.events import Envelope
from outcry.kit.facade import Facade
from outcry.kit.principal import Principal
from outcry.kit.privacy import PersonalData
from outcry.kit.slash import SlashCommand
from outcry.kit.topics import TopicHistory

Handler = Callable[[Envelope], Awaitable[None]]
TopicRule = Callable[[Principal, str], Awaitable[bool]]


Closing = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    return None


class Connection(Protocol):
    """One open realtime socket, as a service that was called over it sees it."""

    @property
    def id(self) -> str:
        """What no other socket is or was called."""
        ...

    def on_close(self, callback: Closing) -> None:
        """Have something done once when the socket is gone, however it went."""
        ...

    def go_on(self) -> None:
        """Let the socket's next call begin before this one is answered: what fixes their order has been done."""
        ...


@dataclass(frozen=True, kw_only=True)
class SocketCall:
    """What may be asked over the realtime socket, beside the endpoints. It must be quick: a socket's calls take turns.

    ``body`` is a dataclass; what comes is validated strictly, and unknown fields are refused. ``answer`` is the type
    of what ``handle`` returns. ``reads`` says that nothing is changed, which counts against another quota.
    """

    permission: str
    body: type
    handle: Callable[[Principal, Connection, Any], Awaitable[Any]]
    answer: Any = NoneType
    reads: bool = False


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A kind of realtime topic: whether nothing may be missed (``log``), and who may listen to one.

    ``history`` is where the past of such a log is kept, if it is kept durably; then its positions are those.
    """

    log: bool
    may_listen: TopicRule
    history: TopicHistory | None = None


@dataclass(frozen=True, kw_only=True)
class Module:
    """One service, wired. ``router`` is a FastAPI router; kit does not know that framework, hence ``Any``.

    ``handlers`` maps an event's name to what this service does about it; ``topics`` a topic's prefix to its rule;
    ``calls`` a name such as ``chat.post`` to what may be asked over the socket.
    ``personal`` is its part in exports and erasures, of a service that holds something of a person or organisation.
    ``pushed`` are the types that its topics carry and no endpoint returns. ``slash`` are its commands in rooms.
    """

    name: str
    needs: tuple[str, ...] = ()
    facade: Facade | None = None
    personal: PersonalData | None = None
    router: Any = None
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    calls: Mapping[str, SocketCall] = field(default_factory=dict)
    pushed: tuple[type, ...] = ()
    slash: tuple[SlashCommand, ...] = ()
    start: Callable[[], Awaitable[None]] = _nothing
    stop: Callable[[], Awaitable[None]] = _nothing


class ModuleCycleError(ValueError):
    """Modules need each other in a circle, so none can start first."""


def start_order(modules: Iterable[Module]) -> tuple[Module, ...]:
    """Return the modules so that each comes after all it needs; stop them in reverse.

    Raises ModuleCycleError for a circle, LookupError for a need that no module meets and ValueError for two modules
    of one name.
    """
    by_name: dict[str, Module] = {}
    for module in modules:
        if module.name in by_name:
            raise ValueError(f"there are two modules named {module.name}")
        by_name[module.name] = module
    for module in by_name.values():
        for need in module.needs:
            if need not in by_name:
                raise LookupError(f"{module.name} needs {need}, which is not among {sorted(by_name)}")
    try:
        names = tuple(TopologicalSorter({m.name: m.needs for m in by_name.values()}).static_order())
    except CycleError as error:
        raise ModuleCycleError("modules need each other: " + " -> ".join(error.args[1])) from error
    return tuple(by_name[name] for name in names)
