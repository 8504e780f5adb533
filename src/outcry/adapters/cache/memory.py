"""The Cache port in this process's memory."""

import heapq
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from outcry.adapters.cache.sliding import SlidingWindow
from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.ports.cache import Taken


@dataclass(slots=True)
class _Entry:
    value: bytes
    ends: datetime
    window: SlidingWindow | None = None


class MemoryCache:
    """Holds at most ``most`` entries. When it is full, what was used longest ago makes room before its end.

    What ``add`` stored never makes room, since it may be a lock that somebody relies on: when nothing else is left,
    ``add`` raises UnavailableError. A counter reads back as its decimal digits.
    Every method runs to its end without giving up the event loop, which makes it atomic.
    """

    def __init__(self, clock: Clock, *, most: int = 100_000) -> None:
        self._clock = clock
        self._most = most
        self._values: OrderedDict[str, _Entry] = OrderedDict()
        self._locks: dict[str, _Entry] = {}
        self._ends: list[tuple[datetime, str]] = []

    async def get(self, key: str) -> bytes | None:
        """Return the value; it counts as used."""
        entry = self._find(key)
        return entry.value if entry else None

    async def set(self, key: str, value: bytes, *, ttl: timedelta) -> None:
        """Store a value; a lock of this key keeps being one."""
        entry = self._find(key)
        if entry is None:
            self._store(self._values, key, value, ttl)
            return
        entry.value, entry.ends = value, self._clock.now() + ttl
        self._note_end(entry.ends, key)

    async def add(self, key: str, value: bytes, *, ttl: timedelta) -> bool:
        """Store a value unless there is one."""
        if self._find(key):
            return False
        self._store(self._locks, key, value, ttl)
        return True

    async def increment(self, key: str, *, ttl: timedelta) -> int:
        """Add one to a counter; raises ValueError when the key holds something else."""
        entry = self._find(key)
        if entry is None:
            self._store(self._values, key, b"1", ttl)
            return 1
        count = int(entry.value) + 1
        entry.value = str(count).encode()
        return count

    async def take(self, key: str, *, most: int, window: timedelta) -> Taken:
        """Count one use; the key ends one window after its last use, two at most."""
        entry = self._find(key)
        if entry is None:
            entry = self._store(self._values, key, b"", 2 * window)
        if entry.window is None or entry.window.length != window:
            entry.window = SlidingWindow(window)
        now = self._clock.now()
        if entry.ends < now + entry.window.longest:
            entry.ends = now + 2 * window
            self._note_end(entry.ends, key)
        return entry.window.take(now, most)

    async def delete(self, key: str) -> None:
        """Forget a key."""
        self._values.pop(key, None)
        self._locks.pop(key, None)

    async def close(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._locks.clear()
        self._ends.clear()

    def __len__(self) -> int:
        return len(self._values) + len(self._locks)

    def _find(self, key: str) -> _Entry | None:
        entry = self._values.get(key) or self._locks.get(key)
        if entry is None:
            return None
        if entry.ends <= self._clock.now():
            self._values.pop(key, None)
            self._locks.pop(key, None)
            return None
        if key in self._values:
            self._values.move_to_end(key)
        return entry

    def _store(self, into: dict[str, _Entry], key: str, value: bytes, ttl: timedelta) -> _Entry:
        self._make_room()
        entry = _Entry(value, self._clock.now() + ttl)
        into[key] = entry
        self._note_end(entry.ends, key)
        return entry

    def _make_room(self) -> None:
        now = self._clock.now()
        while self._ends and self._ends[0][0] <= now:
            _, key = heapq.heappop(self._ends)
            for entries in (self._values, self._locks):
                if key in entries and entries[key].ends <= now:
                    del entries[key]
        if len(self) < self._most:
            return
        if not self._values:
            raise UnavailableError("The cache is full of locks.")
        self._values.popitem(last=False)

    def _note_end(self, ends: datetime, key: str) -> None:
        heapq.heappush(self._ends, (ends, key))
        # Deleted and prolonged entries leave their old ends behind; they are cleared when they are the most of it.
        if len(self._ends) > 2 * len(self) + 64:
            current = (*self._values.items(), *self._locks.items())
            self._ends = [(entry.ends, held) for held, entry in current]
            heapq.heapify(self._ends)
