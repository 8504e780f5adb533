"""The Feed port: prices as they happen."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One trade or quote. ``time`` is the market's time; ``replayed`` says that it was recorded long ago."""

    symbol: str
    time: datetime
    price: float
    volume: float
    replayed: bool = False


class Feed(Protocol):
    """A source of ticks."""

    def ticks(self, symbol: str) -> AsyncIterator[Tick]:
        """Go through a symbol's ticks as they come, until the caller stops. Raises NotFoundError when unknown."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
