"""The pulse of presence: ends what is over, and keeps the other processes informed."""

import asyncio
import contextlib
import logging

from outcry.services.chat.presence.board import Board
from outcry.services.chat.presence.lease import RENEW_EVERY_S, Lease
from outcry.services.chat.presence.teller import PresenceTeller
from outcry.services.chat.presence.typists import Typists

log = logging.getLogger(__name__)

EVERY_S = 1.0


class Beat:
    """Runs while the service does."""

    def __init__(self, *, board: Board, lease: Lease, presence: PresenceTeller, typists: Typists) -> None:
        self._board = board
        self._lease = lease
        self._presence = presence
        self._typists = typists
        self._task: asyncio.Task[None] | None = None
        self._beats = 0

    async def start(self) -> None:
        """Begin to beat."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop, and let the others know that nobody is connected here any more."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(Exception):
            await self._lease.release()

    async def beat(self) -> None:
        """Do what is due after each second."""
        self._board.expire()
        self._presence.expire()
        self._typists.expire()
        if self._beats % int(RENEW_EVERY_S / EVERY_S) == 0:
            self._board.hear(await self._lease.renew(self._board.own))
        self._beats += 1

    async def _run(self) -> None:
        while True:
            try:
                await self.beat()
            except Exception:
                self._beats += 1
                log.exception("presence missed a beat")
            await asyncio.sleep(EVERY_S)
