"""What the audit service does about others' events: each that is an act becomes an entry."""

from collections.abc import Callable, Mapping
from typing import Any

from outcry.kit.events import Envelope, Event
from outcry.kit.module import Handler
from outcry.services.audit.acts import ACTS
from outcry.services.audit.commands import AuditLog, Draft
from outcry.services.audit.leaves import Act


class AuditHandlers:
    """Hands every act to the log."""

    def __init__(self, log: AuditLog, acts: Mapping[type[Event], Callable[[Any], Act]] = ACTS) -> None:
        self._log = log
        self._acts = acts

    def by_event(self) -> dict[str, Handler]:
        """Return the handlers by the name of their event."""
        return {kind.name: self._handler(kind, to_act) for kind, to_act in self._acts.items()}

    def _handler(self, kind: type[Event], to_act: Callable[[Any], Act]) -> Handler:
        async def handle(envelope: Envelope) -> None:
            """Return once the entry is in the log for good."""
            await self._log.append(Draft(envelope=envelope, act=to_act(envelope.open(kind))))

        return handle
