"""Load shedding: what cannot be answered soon is refused at once, so that what is admitted is answered soon."""

import asyncio
from collections import deque

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.hosts import HEALTH
from outcry.edge.problems import refuse
from outcry.edge.refusals import OverloadedError, TimedOutError
from outcry.edge.uploads import is_upload
from outcry.kit.errors import OutcryError

# Somebody who leaves is let go, and probes learn the truth, however much there is to do.
_EXCEPTED = frozenset({*HEALTH, "/api/v1/auth/sign-out"})
_TICK_S = 0.1
_COME_BACK_S = 2


class LoopLag:
    """How late the event loop is: the time by which a timer's call came after its hour, twice in a row.

    One long step, such as the first use of something large, is no overload.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._expected = 0.0
        self._last = 0.0
        self._before = 0.0

    def now(self) -> float:
        """Return the seconds by which the loop is late; measuring begins with the first question."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._last, self._before = loop, 0.0, 0.0
            self._schedule(loop)
        return min(self._before, max(self._last, loop.time() - self._expected))

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        self._expected = loop.time() + _TICK_S
        loop.call_later(_TICK_S, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is self._loop:
            self._before, self._last = self._last, max(0.0, loop.time() - self._expected)
            self._schedule(loop)


class Places:
    """So many requests are in work, and so many wait for their place, in the order in which they came."""

    def __init__(self, *, in_work: int, waiting: int, patience_s: float) -> None:
        self._free = in_work
        self._most_waiting = waiting
        self._patience_s = patience_s
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> bool:
        """Take a place; False when none will be free soon."""
        if self._free > 0:
            self._free -= 1
            return True
        if len(self._waiting) >= self._most_waiting:
            return False
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self._patience_s):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self.give_back()
            elif place in self._waiting:
                self._waiting.remove(place)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def give_back(self) -> None:
        """Give a place to who waited longest, or keep it free."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


class Shedding:
    """Refuses requests when too many are in work and waiting, or the loop is late; and answers that take too long.

    A place is given back, and the time stands still, once an answer begins: streams may last. Uploads, which come
    slowly, have places and a time of their own.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        places: Places,
        lag: LoopLag,
        most_lag_s: float,
        seconds: float,
        counts: Counts,
        uploads: Places | None = None,
        upload_seconds: float = 0.0,
    ) -> None:
        self._app = app
        self._places = places
        self._lag = lag
        self._most_lag_s = most_lag_s
        self._seconds = seconds
        self._counts = counts
        self._uploads = uploads or places
        self._upload_seconds = upload_seconds or seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in ("http", "websocket") or scope["path"] in _EXCEPTED:
            await self._app(scope, receive, send)
        elif self._lag.now() > self._most_lag_s:
            await self._refuse(scope, send, OverloadedError(wait_s=_COME_BACK_S))
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif await (places := self._places_of(scope)).take():
            await self._work(scope, receive, send, places)
        else:
            await self._refuse(scope, send, OverloadedError(wait_s=_COME_BACK_S))

    def _places_of(self, scope: Scope) -> Places:
        return self._uploads if is_upload(scope["method"], scope["path"]) else self._places

    async def _work(self, scope: Scope, receive: Receive, send: Send, places: Places) -> None:
        begun = False

        async def send_watched(message: Message) -> None:
            nonlocal begun
            if not begun:
                begun = True
                places.give_back()
                if not patience.expired():
                    patience.reschedule(None)
            await send(message)

        patience = asyncio.timeout(self._upload_seconds if is_upload(scope["method"], scope["path"]) else self._seconds)
        timed_out = False
        try:
            async with patience:
                await self._app(scope, receive, send_watched)
        except TimeoutError:
            if not patience.expired() or begun:
                raise
            timed_out = True
        finally:
            if not begun:
                places.give_back()
        if timed_out:
            await self._refuse(scope, send, TimedOutError(wait_s=_COME_BACK_S))

    async def _refuse(self, scope: Scope, send: Send, error: OutcryError) -> None:
        self._counts.add(error.code)
        await refuse(scope, send, error)
