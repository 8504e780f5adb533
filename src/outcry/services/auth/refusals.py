"""Publishes that somebody was refused what they may not do. It belongs to no row: the event alone is written."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.auth.contracts import Refusal
from outcry.services.auth.events import AccessRefused

# A program that does not understand its refusals must not fill the log with them.
MOST_A_MINUTE = 30
_MINUTE = timedelta(minutes=1)
_MOST_PEOPLE = 10_000


@dataclass(slots=True)
class _Tally:
    """What one person was refused in a minute, and how many refusals were not told since the last that was."""

    since: datetime
    told: int = 0
    dropped: int = 0


class Refusals:
    """Tells the first so many of a person's refusals in a minute; the next one that is told says how many were not."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._tallies: OrderedDict[UUID, _Tally] = OrderedDict()

    async def report(self, refusal: Refusal) -> None:
        """Publish a refusal, unless the person had too many within the minute."""
        tally = self._tally(refusal.person_id)
        if tally.told >= MOST_A_MINUTE:
            tally.dropped += 1
            return
        tally.told += 1
        dropped, tally.dropped = tally.dropped, 0
        event = AccessRefused(
            person_id=refusal.person_id,
            what=refusal.what,
            reason=refusal.reason,
            objects=refusal.objects,
            dropped=dropped,
        )
        async with self._database.transaction() as transaction:
            key = str(refusal.person_id)
            transaction.publish(event, tenant_id=refusal.tenant_id, key=key, actor_id=refusal.person_id)

    def _tally(self, person_id: UUID) -> _Tally:
        now = self._clock.now()
        tally = self._tallies.setdefault(person_id, _Tally(since=now))
        self._tallies.move_to_end(person_id)
        if not timedelta(0) <= now - tally.since < _MINUTE:
            tally.since, tally.told = now, 0
        if len(self._tallies) > _MOST_PEOPLE:
            self._tallies.popitem(last=False)
        return tally
