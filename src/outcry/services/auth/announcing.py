"""Tells open sockets, after the commit, that what a person may do has changed."""

from collections.abc import Iterable
from uuid import UUID

from outcry.ports.realtime import Realtime
from outcry.services.auth.standing import StandingCache

STANDING_CHANGED = '{"kind":"standing"}'


class Announcer:
    """Makes an ended session, a changed role and a disabled person take hold at once, the open sockets included.

    A socket that hears it looks at its session again. Should the word be lost, the socket's own check comes later.
    """

    def __init__(self, realtime: Realtime, standing: StandingCache) -> None:
        self._realtime = realtime
        self._standing = standing

    async def changed(self, person_ids: Iterable[UUID]) -> None:
        """Call after the commit, with everybody whose sessions, roles or permissions are other than before."""
        people = set(person_ids)
        self._standing.forget_people(people)
        for person_id in people:
            await self._realtime.append(f"user:{person_id}", STANDING_CHANGED)
