"""How often a source may be asked: a bucket of tokens that fills evenly."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pace:
    """Lets ``burst`` calls through at once and ``a_second`` on average; the others wait, first come first served.

    Args:
        now: seconds that never go back.
        sleep: waits some seconds; tests give one that does not.
    """

    def __init__(
        self,
        a_second: float,
        *,
        burst: int = 1,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._a_second = a_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._now = now
        self._sleep = sleep
        self._filled_at = now()
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Wait for leave to make one call."""
        async with self._turn:
            self._fill()
            if self._tokens < 1:
                await self._sleep((1 - self._tokens) / self._a_second)
                self._fill()
            self._tokens -= 1

    def _fill(self) -> None:
        now = self._now()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._a_second)
        self._filled_at = now
