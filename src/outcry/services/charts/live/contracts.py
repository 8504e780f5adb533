"""What HTTP shows of feeds."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """How a feed goes, since the start of the process.

    ``lag_ms`` is how old ticks are when they come, by the market's time and our clock; None before the first.
    ``late`` counts ticks of bars that had closed, ``dropped`` ticks that had come before, ``refused`` ticks without a
    sensible price, volume or time. ``filled`` and ``unfilled`` count gaps that the source's own bars closed, or could
    not. ``waiting`` is how many closed bars wait to be stored.
    """

    name: str
    connected: bool
    problem: str
    symbols: tuple[str, ...]
    heard_at: datetime | None
    lag_ms: float | None
    reconnects: int
    frozen: int
    ticks: int
    quotes: int
    late: int
    dropped: int
    refused: int
    filled: int
    unfilled: int
    waiting: int
