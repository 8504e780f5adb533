"""Cuts the old ends of the logs of rooms, now and then."""

from datetime import timedelta

from outcry.kit.clock import Clock
from outcry.kit.rounds import Rounds
from outcry.ports.message_log import MessageLog
from outcry.services.chat.settings import ChatSettings

EVERY_S = 3_600.0


class LogTrimmer:
    """Keeps of each room what the settings say; who comes from before that loads the room anew."""

    def __init__(self, *, log: MessageLog, clock: Clock, settings: ChatSettings) -> None:
        self._log = log
        self._clock = clock
        self._settings = settings
        self._rounds = Rounds(self.trim, name="log-trimmer", rest_s=EVERY_S, rest_first=True)

    async def start(self) -> None:
        """Begin; the first time is an hour from now."""
        self._rounds.start()

    async def stop(self) -> None:
        """Stop."""
        await self._rounds.stop()

    async def trim(self) -> int:
        """Cut once; return how many entries went."""
        before = self._clock.now() - timedelta(days=self._settings.log_days)
        return await self._log.cut(keep=self._settings.log_entries, before=before)
