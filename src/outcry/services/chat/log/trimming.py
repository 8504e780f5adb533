"""Cuts the old ends of the logs of rooms, now and then."""

import asyncio
import logging
from datetime import timedelta

from outcry.kit.clock import Clock
from outcry.ports.message_log import MessageLog
from outcry.services.chat.settings import ChatSettings

log = logging.getLogger(__name__)

EVERY_S = 3_600.0


class LogTrimmer:
    """Keeps of each room what the settings say; who comes from before that loads the room anew."""

    def __init__(self, *, log: MessageLog, clock: Clock, settings: ChatSettings) -> None:
        self._log = log
        self._clock = clock
        self._settings = settings
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; the first time is an hour from now."""
        self._task = asyncio.create_task(self._run(), name="log-trimmer")

    async def stop(self) -> None:
        """Stop."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def trim(self) -> int:
        """Cut once; return how many entries went."""
        before = self._clock.now() - timedelta(days=self._settings.log_days)
        return await self._log.cut(keep=self._settings.log_entries, before=before)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.trim()
            except Exception:
                log.exception("the logs of rooms could not be cut; trying again in an hour")
