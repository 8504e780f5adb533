"""What people are called: asked of the auth service when they are shown, never stored with rooms and messages."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.contracts import ASSISTANT_ID, FORMER_NAME


@dataclass(frozen=True, slots=True)
class Name:
    """What a person is called, and the version of their picture."""

    name: str
    picture: str | None = None


FORMER = Name(FORMER_NAME)
KEPT_FOR = timedelta(seconds=30)
MOST_KEPT = 20_000


class Names:
    """Names by organisation and person, kept a moment; a person of another organisation is a former member here."""

    def __init__(self, *, auth: AuthFacade, clock: Clock) -> None:
        self._auth = auth
        self._clock = clock
        self._kept: OrderedDict[tuple[UUID, UUID], tuple[Name, datetime]] = OrderedDict()
        self._forgotten = 0

    async def of(self, tenant_id: UUID, ids: Iterable[UUID]) -> Mapping[UUID, Name]:
        """Return a name for each of these people, asking for all that are not known in one call."""
        now = self._clock.now()
        known: dict[UUID, Name] = {}
        unknown: list[UUID] = []
        for person_id in set(ids) - {ASSISTANT_ID}:
            name, until = self._kept.get((tenant_id, person_id), (FORMER, now))
            if until > now:
                known[person_id] = name
            else:
                unknown.append(person_id)
        if unknown:
            known |= await self._ask(tenant_id, unknown)
        return known

    def forget(self, person_id: UUID) -> None:
        """Ask anew for this person's name, in every organisation."""
        self._forgotten += 1
        for key in [key for key in self._kept if key[1] == person_id]:
            del self._kept[key]

    async def _ask(self, tenant_id: UUID, ids: list[UUID]) -> dict[UUID, Name]:
        before = self._forgotten
        people = await self._auth.list_people(tenant_id=tenant_id, ids=tuple(ids))
        names = dict.fromkeys(ids, FORMER) | {person.id: Name(person.name, person.picture) for person in people}
        if before != self._forgotten:
            # Somebody's name changed meanwhile: it may be the one that was just read.
            return names
        until = self._clock.now() + KEPT_FOR
        for person_id, name in names.items():
            self._kept[tenant_id, person_id] = name, until
            self._kept.move_to_end((tenant_id, person_id))
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return names
