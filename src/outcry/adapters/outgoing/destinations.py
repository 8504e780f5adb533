"""Everything that the platform calls outside itself, each with its breaker, its retries and its numbers."""

import asyncio
import contextlib
import logging
import math
import random
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from outcry.adapters.outgoing.breaker import Breaker, Limits, RestingError, State, Ticket
from outcry.kit.errors import UnavailableError

log = logging.getLogger(__name__)

T = TypeVar("T")

Judge = Callable[[BaseException], bool]

_RETRY_SHARE = 0.1  # of all calls
_MOST_SAVED = 10.0  # retries that a quiet time saves up
_MOST_RETRIES = 2  # of one call
_LONGEST_PAUSE_S = 2.0  # nobody who waits for an answer is made to wait longer between tries
_FIRST_PAUSE_S = 0.1
_MOST_KNOWN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How calls to one destination go, for whoever operates the installation."""

    kind: str
    name: str
    state: State
    wait_s: int
    counts: dict[str, int]


class RetryBudget:
    """Lets at most a tenth of all calls be retries, and one more: a server in trouble must not get more to do."""

    def __init__(self) -> None:
        self._saved = 1.0

    def note_call(self) -> None:
        """Earn a part of a retry."""
        self._saved = min(self._saved + _RETRY_SHARE, _MOST_SAVED)

    def take(self) -> bool:
        """Take a retry, if there is one."""
        # A millionth less than one: ten times a tenth is a little less than one in floating point.
        if self._saved < 1 - 1e-6:
            return False
        self._saved -= 1
        return True


class Destination:
    """One server outside, or all that one sign-in provider has: ``kind`` and ``name`` are for people and logs.

    ``silence_s`` is after how long a call that its caller gives up counts as one that was not answered.
    """

    def __init__(self, *, kind: str, name: str, now: Callable[[], float], silence_s: float, limits: Limits) -> None:
        self.kind, self.name = kind, name
        self._now, self._silence_s = now, silence_s
        self._breaker = Breaker(now=now, limits=limits, on_change=self._changed)
        self._budget = RetryBudget()
        self._counts: Counter[str] = Counter()

    def standing(self) -> Standing:
        """Return how calls go."""
        state, wait_s = self._breaker.state, math.ceil(self._breaker.wait_s)
        return Standing(kind=self.kind, name=self.name, state=state, wait_s=wait_s, counts=dict(self._counts))

    def admit(self) -> "Call":
        """Return leave for one call; raises UnavailableError at once while there is none."""
        try:
            ticket = self._breaker.admit()
        except RestingError as error:
            self._counts["refused"] += 1
            wait = _seconds(error.wait_s)
            why = "asked us to wait" if error.asked else "failed too often and is not asked for a while"
            whole = math.ceil(error.wait_s)
            raise UnavailableError(f"The {self.kind} {why}. Try again in {wait}.", wait_s=whole) from error
        self._counts["calls"] += 1
        return Call(ticket, self)

    def note_failure(self) -> None:
        """Count a failure."""
        self._counts["failures"] += 1

    def now(self) -> float:
        """Return the time that calls are measured by."""
        return self._now()

    def was_silent(self, since: float) -> bool:
        """Say whether who gives a call up now had waited long enough to say that no answer came."""
        return self._now() - since >= self._silence_s

    def hold(self, wait_s: float) -> None:
        """Make no call for so many seconds, because the server asked for it."""
        self._breaker.hold(wait_s)

    def try_now(self) -> None:
        """Let the next call through, because somebody wants to know now."""
        self._breaker.try_now()

    def note_first_try(self) -> None:
        """Note that a call begins that may be tried again."""
        self._budget.note_call()

    async def pause(self, retries: int, *, wait_s: float = 0.0) -> bool:
        """Wait before another try and return True; False, at once, when there is to be none.

        Args:
            retries: how many there were of this call.
            wait_s: what the server asked for.
        """
        if retries >= _MOST_RETRIES or wait_s > _LONGEST_PAUSE_S or not self._budget.take():
            return False
        self._counts["retries"] += 1
        spread = random.random() * _FIRST_PAUSE_S * 2 ** (retries + 1)  # noqa: S311  # spreads load, hides nothing
        await asyncio.sleep(wait_s + spread)
        return True

    @contextlib.asynccontextmanager
    async def calling(self, *, is_failure: Judge) -> AsyncIterator[None]:
        """Make one call inside; raises UnavailableError at once while there is to be none.

        ``is_failure`` tells from an error whether the server is out of order, or only answered no.
        """
        call = self.admit()
        try:
            yield
        except asyncio.CancelledError:
            call.give_up()
            raise
        except Exception as error:
            call.fail() if is_failure(error) else call.succeed()
            raise
        call.succeed()

    async def call(self, work: Callable[[], Awaitable[T]], *, is_failure: Judge, may_repeat: Judge) -> T:
        """Return what the work returns, which can be done twice without harm.

        It is tried again after an error that ``may_repeat`` takes, unless it has taken long already.
        """
        self.note_first_try()
        begun, retries = self._now(), 0
        while True:
            try:
                async with self.calling(is_failure=is_failure):
                    return await work()
            except Exception as error:
                quick = self._now() - begun < _LONGEST_PAUSE_S
                if not (quick and may_repeat(error) and await self.pause(retries)):
                    raise
            retries += 1

    def _changed(self, state: State) -> None:
        if state == "open":
            self._counts["openings"] += 1
            wait = _seconds(self._breaker.wait_s)
            log.warning("the %s %s failed too often: no calls for %s", self.kind, self.name, wait)
        else:
            log.warning("the %s %s answers again", self.kind, self.name)


class Call:
    """One call under way."""

    def __init__(self, ticket: Ticket, destination: Destination) -> None:
        self._ticket, self._destination = ticket, destination
        self._heard = destination.now()

    def hear(self) -> None:
        """Note that something came."""
        self._heard = self._destination.now()
        self._ticket.succeed()

    def succeed(self) -> None:
        """Note that the server answered, whatever it said."""
        self._ticket.succeed()

    def fail(self) -> None:
        """Note that the server is out of order."""
        if self._ticket.told is not False:
            self._destination.note_failure()
        self._ticket.fail()

    def give_up(self) -> None:
        """Note that the caller waits no longer: a failure of the server only after a long silence."""
        self.fail() if self._destination.was_silent(self._heard) else self._ticket.release()

    def release(self) -> None:
        """Note that no call was made."""
        self._ticket.release()


class Destinations:
    """All of them. Those not called for longest are forgotten when there are very many."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic, limits: Limits | None = None) -> None:
        self._now, self._limits = now, limits or Limits()
        self._known: OrderedDict[Hashable, Destination] = OrderedDict()

    def get(self, kind: str, name: str, *, key: Hashable = None, silence_s: float = 5.0) -> Destination:
        """Return the destination of this kind and name, or, where names are not enough, of this key."""
        place = (kind, name if key is None else key)
        if place not in self._known:
            self._known[place] = Destination(
                kind=kind, name=name, now=self._now, silence_s=silence_s, limits=self._limits
            )
        self._known.move_to_end(place)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return self._known[place]

    def standings(self) -> tuple[Standing, ...]:
        """Return how calls to each go, those in trouble first."""
        found = [destination.standing() for destination in self._known.values()]
        return tuple(sorted(found, key=lambda one: (one.state == "closed", one.kind, one.name)))

    def counts(self) -> dict[str, int]:
        """Return the counters of each kind, such as ``mail_server.failures``, and how many are not closed."""
        totals: Counter[str] = Counter()
        for one in self.standings():
            kind = one.kind.replace(" ", "_")
            totals.update({f"{kind}.{name}": count for name, count in one.counts.items()})
            if one.state != "closed":
                totals[f"{kind}.open"] += 1
        return dict(sorted(totals.items()))


def _seconds(wait_s: float) -> str:
    whole = max(1, math.ceil(wait_s))
    return "a second" if whole == 1 else f"{whole} seconds"
