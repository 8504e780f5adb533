"""What is known of a session right now, remembered for less than a second."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outcry.kit.clock import Clock

# An ended session, a changed role and a disabled person take hold within a second, also in other processes.
FRESH = timedelta(milliseconds=500)
_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A live session, or key for programs: whose it is, where, what they may do there, when they last proved it."""

    person_id: UUID
    tenant_id: UUID
    role: str
    scopes: frozenset[str]
    fresh_at: datetime | None = None


class StandingCache:
    """Remembers live sessions, so that a page of twenty requests asks the database once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[UUID, tuple[datetime, Standing]] = OrderedDict()

    def find(self, session_id: UUID) -> Standing | None:
        """Return what was read of a session less than half a second ago."""
        known = self._known.get(session_id)
        if known is None or not timedelta(0) <= self._clock.now() - known[0] < FRESH:
            return None
        return known[1]

    def remember(self, session_id: UUID, standing: Standing, *, read_at: datetime) -> None:
        """Keep what was read; ``read_at`` is the time before the reading began."""
        self._known[session_id] = (read_at, standing)
        self._known.move_to_end(session_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def forget(self, session_id: UUID) -> None:
        """Look anew at the next request."""
        self._known.pop(session_id, None)

    def forget_people(self, person_ids: Iterable[UUID]) -> None:
        """Look anew at the next request of any of their sessions."""
        gone = set(person_ids)
        for session_id in [key for key, (_, standing) in self._known.items() if standing.person_id in gone]:
            del self._known[session_id]
