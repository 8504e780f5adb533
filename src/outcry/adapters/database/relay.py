"""The relay: takes committed events out of a database's outbox and hands them to the EventBus."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from itertools import groupby

from outcry.adapters.database.relational import RelationalDatabase
from outcry.kit.errors import UnavailableError
from outcry.kit.events import Envelope
from outcry.ports.event_bus import EventBus

log = logging.getLogger(__name__)

POLL_S = 1.0
GATHER_S = 0.02
PAGE = 200
MOST_TRIES = 12
LONGEST_PAUSE_S = 30.0
_MOST_LEFT_OUT = 500

Waiting = tuple[int, Envelope, int]


class OutboxRelay:
    """Publishes one database's outbox, at least once, in order per key; a key that fails does not hold up others."""

    def __init__(self, database: RelationalDatabase, bus: EventBus) -> None:
        self._database = database
        self._bus = bus
        self._wake = asyncio.Event()
        self._keys: dict[str, asyncio.Task[None]] = {}
        # Keys with more to deliver than the run that is under way took along.
        self._more: set[str] = set()
        self._loop: asyncio.Task[None] | None = None
        database.on_publish(self._wake.set)

    async def start(self) -> None:
        """Begin; what an earlier process left in the outbox goes first."""
        self._wake.set()
        self._loop = asyncio.create_task(self._run(), name="outbox-relay")

    async def stop(self) -> None:
        """Finish the events that are under way and stop."""
        if self._loop:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        for task in self._keys.values():
            task.cancel()
        await asyncio.gather(*self._keys.values(), return_exceptions=True)

    async def _run(self) -> None:
        while True:
            # The poll finds what other processes wrote; our own commits wake us at once.
            # Not wait_for, which in Python 3.11 forgets a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
            self._wake.clear()
            if self._keys:
                # Under load, look less often at more: what comes meanwhile is delivered in one run.
                await asyncio.sleep(GATHER_S)
            try:
                await self._scan()
            except UnavailableError as error:
                log.warning("the outbox cannot be read: %s", error.detail)
            except Exception:
                log.exception("the outbox could not be read; trying again")

    async def _scan(self) -> None:
        after = 0
        while True:
            # A key that is being delivered is looked at when that is done: read now, all that waits of it would be
            # read again and again. Very many keys are read with their rows, which are passed over.
            busy = set(self._keys)
            self._more |= busy
            without = busy if len(busy) <= _MOST_LEFT_OUT else ()
            page = await self._database.pending(after=after, limit=PAGE, without=without)
            by_key = sorted(page, key=lambda item: (item[1].key, item[0]))
            for key, items in groupby(by_key, key=lambda item: item[1].key):
                if key not in busy:
                    self._keys[key] = asyncio.create_task(self._deliver(key, list(items)))
                elif key not in self._keys:
                    # Finished by now, with its rows still in the page.
                    self._wake.set()
            if len(page) < PAGE:
                return
            after = page[-1][0]

    async def _deliver(self, key: str, items: Sequence[Waiting]) -> None:
        done: list[int] = []
        try:
            for position, envelope, tries in items:
                if not await self._publish(position, envelope, tries):
                    break
                done.append(position)
        except Exception:
            log.exception("the outbox could not be written; trying again", extra={"key": key})
        finally:
            taken_out = await self._take_out(done)
            del self._keys[key]
            if key in self._more or not taken_out or len(done) < len(items):
                self._more.discard(key)
                self._wake.set()

    async def _take_out(self, positions: list[int]) -> bool:
        """Forget delivered events, all of a run in one transaction; when that fails they are delivered again."""
        try:
            if positions:
                await self._database.delivered(positions)
        except Exception:
            log.exception("delivered events could not be taken out of the outbox")
            return False
        return True

    async def _publish(self, position: int, envelope: Envelope, tries: int) -> bool:
        try:
            await self._bus.publish(envelope)
        except Exception as error:
            # An engine that does not answer is no fault of the event's: it waits, however long that takes.
            dead = tries + 1 >= MOST_TRIES and not isinstance(error, UnavailableError)
            log.exception("event %s of %s failed, try %d", envelope.id, envelope.name, tries + 1)
            await self._database.failed(position, repr(error), dead=dead)
            if not dead:
                await asyncio.sleep(min(LONGEST_PAUSE_S, 0.05 * 2 ** min(tries, MOST_TRIES)))
            return False
        return True
