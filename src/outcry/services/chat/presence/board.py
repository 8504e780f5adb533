"""Who is connected now: every device of everybody, here and in the other processes. It is kept in memory alone."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from outcry.kit.clock import Clock
from outcry.services.chat.presence.contracts import Activity
from outcry.services.chat.presence.lease import People, Person

# A page that reloads, or a phone that changes its network, is not told as a leaving.
GRACE = timedelta(seconds=10)

Changed = Callable[[Person], None]


class Board:
    """The activity of people by connection; of several devices the most present counts.

    ``on_change`` hears of each person whose activity became another.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._devices: dict[Person, dict[str, Activity]] = {}
        self._leaving: dict[Person, tuple[datetime, Activity]] = {}
        self._elsewhere: list[People] = []
        self.on_change: Changed = lambda _: None

    @property
    def own(self) -> Mapping[Person, Activity]:
        """Return who is connected to this process."""
        leaving = {person: activity for person, (_, activity) in self._leaving.items()}
        return leaving | {person: _most(devices.values()) for person, devices in self._devices.items()}

    def activity(self, person: Person) -> Activity | None:
        """Return what somebody is, None when they are not connected."""
        found = [people[person] for people in self._elsewhere if person in people]
        if person in self._devices:
            found.append(_most(self._devices[person].values()))
        elif person in self._leaving:
            found.append(self._leaving[person][1])
        return _most(found) if found else None

    def knows(self, person: Person, connection: str) -> bool:
        """Say whether a device of somebody has said anything yet."""
        return connection in self._devices.get(person, {})

    def set(self, person: Person, connection: str, activity: Activity) -> None:
        """Note what somebody is at one of their devices."""
        before = self.activity(person)
        self._devices.setdefault(person, {})[connection] = activity
        self._leaving.pop(person, None)
        self._tell(person, before)

    def remove(self, person: Person, connection: str) -> None:
        """Note that a device is gone; after the last one the person stays for a moment."""
        devices = self._devices.get(person, {})
        activity = devices.pop(connection, None)
        if activity is None:
            return
        if devices:
            before = _most((activity, *devices.values()))
            if before != _most(devices.values()):
                self.on_change(person)
            return
        del self._devices[person]
        self._leaving[person] = (self._clock.now() + GRACE, activity)

    def expire(self) -> None:
        """Let those go whose moment is over."""
        now = self._clock.now()
        for person, (until, _) in list(self._leaving.items()):
            if until <= now:
                before = self.activity(person)
                del self._leaving[person]
                self._tell(person, before)

    def hear(self, others: list[People]) -> None:
        """Take over who is connected to the other processes."""
        touched = {person for people in (*self._elsewhere, *others) for person in people}
        before = {person: self.activity(person) for person in touched}
        self._elsewhere = others
        for person in touched:
            self._tell(person, before[person])

    def _tell(self, person: Person, before: Activity | None) -> None:
        if self.activity(person) != before:
            self.on_change(person)


def _most(activities: Collection[Activity]) -> Activity:
    return "here" if "here" in activities else "idle"
