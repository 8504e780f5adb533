"""A connection that is kept: opened again when it breaks or freezes, with pauses, and left alone while it rests."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from websockets.exceptions import InvalidHandshake

from outcry.adapters.feed.subscriptions import Subscriptions
from outcry.adapters.outgoing.destinations import Call, Destination
from outcry.kit.clock import Clock
from outcry.kit.errors import OutcryError, UnavailableError
from outcry.ports.feed import FeedItem, FeedStanding, Interrupted, Resumed

log = logging.getLogger(__name__)

Groups = AsyncIterator[Sequence[FeedItem]]
# Opens one connection that gives the ticks of these symbols; whatever it raises is why it could not, or broke.
OpenSession = Callable[[Sequence[str]], AbstractAsyncContextManager[Groups]]

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0
_LONGEST_SILENCE_S = 600.0
# A connection that ends sooner is no end of the trouble: the next pause is longer.
_LASTING_S = 30.0
# After so long, or half the silence that is allowed, a subscription is presumed to have taken effect.
_PRESUMED_S = 10.0


class FrozenError(Exception):
    """A connection that is open and says nothing."""


class BrokenOffError(Exception):
    """A connection that the source ended, or in which something got lost."""


class Following:
    """Follows one source for as long as it is wanted.

    Pauses between tries have full jitter: a random part of a time that doubles with each try, so that not everybody
    comes back at once (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015). A connection that
    is silent for ``silence_s`` is frozen and opened again. Where it is silent again before a first word, twice as much
    silence is allowed, up to ten minutes: a market may rest.

    A connection that is open is not heard yet: ``Resumed`` is said of each symbol when its subscription is known to
    have taken effect, or presumed to.

    Args:
        destination: the source with its breaker; nothing is opened while it rests.
    """

    def __init__(self, open_session: OpenSession, *, destination: Destination, silence_s: float, clock: Clock) -> None:
        self._open_session = open_session
        self._destination = destination
        self._least_silence_s = self._silence_s = silence_s
        self._clock = clock
        self._closing = asyncio.Event()
        self._connections = 0
        self._frozen = 0
        self._connected = False
        self._heard_at: datetime | None = None
        self._problem = ""

    def standing(self) -> FeedStanding:
        """Return how the connection goes."""
        return FeedStanding(
            connected=self._connected,
            heard_at=self._heard_at,
            reconnects=max(0, self._connections - 1),
            frozen=self._frozen,
            problem=self._problem,
        )

    def close(self) -> None:
        """End at the next word, or at once while there is no connection; who closes also ends the connection."""
        self._closing.set()

    async def ticks(self, symbols: Sequence[str]) -> Groups:
        """Go through what comes, over as many connections as it takes."""
        tries = 0
        while not self._closing.is_set():
            try:
                call = self._destination.admit()
            except UnavailableError as error:
                await self._pause(max(float(error.wait_s), _FIRST_PAUSE_S))
                continue
            heard, begun = False, asyncio.get_running_loop().time()
            try:
                async with self._open_session(symbols) as groups:
                    self._note_connected()
                    async with contextlib.aclosing(self._heard(groups, Subscriptions(symbols))) as heard_groups:
                        async for group in heard_groups:
                            if _holds_news(group):
                                heard = True
                                call.succeed()
                            yield group
            except Exception as error:
                self._note_broken(error, call, heard=heard)
            finally:
                self._connected = False
                call.release()
            if self._closing.is_set():
                return
            yield (Interrupted(symbols=tuple(symbols)),)
            lasted = asyncio.get_running_loop().time() - begun
            tries = 0 if heard and lasted >= _LASTING_S else tries + 1
            await self._pause(full_jitter(tries))

    async def _heard(self, groups: Groups, subscriptions: Subscriptions) -> AsyncGenerator[Sequence[FeedItem]]:
        async with contextlib.aclosing(self._until_presumed(groups, subscriptions)) as first_groups:
            async for group in first_groups:
                yield group
        while not self._closing.is_set():
            if group := subscriptions.note(self._whole(await self._within_silence(anext(groups, None)))):
                yield group

    async def _until_presumed(self, groups: Groups, subscriptions: Subscriptions) -> AsyncGenerator[Sequence[FeedItem]]:
        """Go through what comes until all subscriptions are known or presumed to have taken effect."""
        loop = asyncio.get_running_loop()
        end = loop.time() + min(_PRESUMED_S, self._silence_s / 2)
        while subscriptions.are_awaited and not self._closing.is_set():
            # A task: a wait that is given up would end the connection.
            coming = asyncio.ensure_future(_next(groups))
            try:
                await asyncio.wait({coming}, timeout=end - loop.time())
                if not coming.done():
                    yield (subscriptions.presume(),)
                if group := subscriptions.note(self._whole(await self._within_silence(coming))):
                    yield group
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    async def _within_silence(self, coming: Awaitable[Sequence[FeedItem] | None]) -> Sequence[FeedItem] | None:
        try:
            async with asyncio.timeout(self._silence_s):
                return await coming
        except TimeoutError as error:
            raise FrozenError() from error

    def _whole(self, group: Sequence[FeedItem] | None) -> Sequence[FeedItem]:
        """Note that something was heard; empty where it means nothing."""
        if group is None:
            raise BrokenOffError()
        self._heard_at = self._clock.now()
        if _holds_news(group):
            self._silence_s = self._least_silence_s
        return group

    def _note_connected(self) -> None:
        self._connected = True
        self._problem = ""
        self._connections += 1
        log.info("the feed %s is connected", self._destination.name)

    def _note_broken(self, error: Exception, call: Call, *, heard: bool) -> None:
        if self._closing.is_set():
            return
        if isinstance(error, FrozenError):
            self._frozen += 1
            if not heard:
                self._silence_s = min(2 * self._silence_s, _LONGEST_SILENCE_S)
        if heard:
            self._destination.note_failure()
        else:
            call.fail()
        self._problem = explain(error)
        log.warning("the feed %s %s", self._destination.name, self._problem)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()


async def _next(groups: Groups) -> Sequence[FeedItem] | None:
    return await anext(groups, None)


def _holds_news(group: Sequence[FeedItem]) -> bool:
    """Say whether the market was heard: a source that confirms a subscription may still be silent ever after."""
    return any(not isinstance(item, Resumed) for item in group)


def full_jitter(tries: int) -> float:
    """Return a random pause before the next try, in seconds."""
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(tries, 30))
    return random.uniform(0, longest)  # noqa: S311  # spreads load, hides nothing


def explain(error: Exception) -> str:
    """Return in plain words why a connection ended: nothing of what the source sent, no key, no address."""
    if isinstance(error, FrozenError):
        return "was silent for too long"
    if isinstance(error, OutcryError):
        return f"does not work: {error.detail}"
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, InvalidHandshake):
        return "refused the connection"
    if isinstance(error, BrokenOffError):
        return "broke the connection"
    if isinstance(error, OSError):
        return "cannot be reached"
    return f"broke the connection ({type(error).__name__})"
