"""A circuit breaker: who fails too often is not called for a while, and is then tried with one call.

The three states are those of M. Nygard, "Release It!" (2nd edition, 2018, chapter 5): closed, open, half-open.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half-open"]

_BUCKETS = 12
_LONGEST_HOLD_S = 300.0  # nobody can shut us out for longer by asking us to wait
_PROBE_S = 120.0  # a probe whose end nobody told is given up


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When it opens: at ``share`` of failed calls among at least ``least`` within ``window_s`` seconds.

    It stays open for ``rest_s`` seconds, twice as long after each probe that failed up to ``longest_rest_s``, and each
    time some random part longer, so that not everybody comes back at once.
    """

    window_s: float = 60.0
    least: int = 5
    share: float = 0.5
    rest_s: float = 10.0
    longest_rest_s: float = 120.0


class RestingError(Exception):
    """No call now: ``wait_s`` seconds are left. ``asked`` says that the other side wanted it so."""

    def __init__(self, wait_s: float, *, asked: bool) -> None:
        super().__init__(f"no call for {wait_s:.0f} s")
        self.wait_s, self.asked = wait_s, asked


class Ticket:
    """Leave to make one call. Its end is told once; a success may still turn into a failure after that."""

    def __init__(self, breaker: "Breaker", *, probe: bool, era: int) -> None:
        self._breaker = breaker
        self.probe, self.era = probe, era
        self.told: bool | None = None
        self._released = False

    def succeed(self) -> None:
        """The other side answered."""
        if self.told is None and not self._released:
            self.told = True
            self._breaker.note(self, failed=False)

    def fail(self) -> None:
        """The other side is absent, too slow or out of order."""
        if self.told is not False and not self._released:
            before, self.told = self.told, False
            self._breaker.note(self, failed=True, instead=before is not None)

    def release(self) -> None:
        """Nothing can be said of the other side: the call was never made, or given up early."""
        if self.told is None and not self._released:
            self._released = True
            self._breaker.release(self)


class Breaker:
    """Counts how calls to one destination end, and refuses them while it is open.

    ``now`` gives seconds that never go back. ``on_change`` hears each new state.
    """

    def __init__(self, *, now: Callable[[], float], limits: Limits, on_change: Callable[[State], None]) -> None:
        self._now, self._limits, self._on_change = now, limits, on_change
        self._buckets: deque[list[float]] = deque()  # start, calls, failures
        self._opened = False
        self._until = 0.0
        self._held_until = 0.0
        self._rest_s = limits.rest_s
        self._probe_until = 0.0
        self._era = 0

    @property
    def state(self) -> State:
        """Whether calls go through, none does, or the next one is a probe."""
        if not self._opened:
            return "closed"
        return "open" if self._now() < self._until else "half-open"

    @property
    def wait_s(self) -> float:
        """In how many seconds the next call may go through."""
        now = self._now()
        return max(0.0, self._held_until - now, (self._until - now) if self._opened else 0.0)

    def admit(self) -> Ticket:
        """Return leave for one call; raises RestingError."""
        now = self._now()
        if now < self._held_until:
            raise RestingError(self._held_until - now, asked=True)
        if not self._opened:
            return Ticket(self, probe=False, era=self._era)
        if now < self._until:
            raise RestingError(self._until - now, asked=False)
        if now < self._probe_until:
            raise RestingError(1.0, asked=False)
        self._probe_until = now + _PROBE_S
        self._era += 1
        return Ticket(self, probe=True, era=self._era)

    def hold(self, wait_s: float) -> None:
        """Make no call for so long, because the other side asked for it."""
        self._held_until = max(self._held_until, self._now() + min(wait_s, _LONGEST_HOLD_S))

    def try_now(self) -> None:
        """Let the next call be the probe, because somebody wants to know now."""
        self._until = min(self._until, self._now())

    def note(self, ticket: Ticket, *, failed: bool, instead: bool = False) -> None:
        """Count how a call ended; ``instead`` of the success that was counted for it."""
        if ticket.era != self._era:
            return  # it began before the state changed, and says nothing about now
        if ticket.probe and self._opened:
            self._open_again() if failed else self._close()
            return
        if self._opened:
            return
        self._count(failed=failed, instead=instead)
        calls, failures = self._totals()
        if failed and calls >= self._limits.least and failures >= self._limits.share * calls:
            self._rest_s = self._limits.rest_s
            self._open()

    def release(self, ticket: Ticket) -> None:
        """Let another call be the probe."""
        if ticket.probe and ticket.era == self._era:
            self._probe_until = 0.0

    def _count(self, *, failed: bool, instead: bool) -> None:
        now, width = self._now(), self._limits.window_s / _BUCKETS
        if not self._buckets or now >= self._buckets[-1][0] + width:
            self._buckets.append([now, 0, 0])
        self._buckets[-1][1] += 0 if instead else 1
        self._buckets[-1][2] += 1 if failed else 0

    def _totals(self) -> tuple[float, float]:
        while self._buckets and self._buckets[0][0] < self._now() - self._limits.window_s:
            self._buckets.popleft()
        return sum(bucket[1] for bucket in self._buckets), sum(bucket[2] for bucket in self._buckets)

    def _open(self) -> None:
        self._buckets.clear()
        self._opened = True
        self._era += 1
        self._probe_until = 0.0
        spread = 1 + random.random() / 4  # noqa: S311  # spreads load, hides nothing
        self._until = self._now() + self._rest_s * spread
        self._on_change("open")

    def _open_again(self) -> None:
        self._rest_s = min(self._rest_s * 2, self._limits.longest_rest_s)
        self._open()

    def _close(self) -> None:
        self._opened = False
        self._probe_until = 0.0
        self._count(failed=False, instead=False)
        self._on_change("closed")
