"""The Feed port: prices as they happen, and the bars of what was missed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from outcry.kit.market import Bars, Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One trade. ``time`` is the market's time; ``replayed`` says that it was recorded long ago.

    ``id`` is the source's own name of the trade, the same whenever it is sent again; empty where it gives none.
    """

    symbol: str
    time: datetime
    price: float
    volume: float
    replayed: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BidAsk:
    """The best prices at which somebody buys and sells, with how much of it; no trade."""

    symbol: str
    time: datetime
    bid: float
    ask: float
    bid_size: float = 0.0
    ask_size: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """Trades of these symbols may be missing from now on, until ``Resumed`` is said of them."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """All trades of these symbols come from now on, for the first time or again; some of those before may be missing.

    Whoever needs all of them asks ``backfill`` once the present minute is over. Where it is said of a symbol that was
    not interrupted, what was known about its last minutes was wrong.
    """

    symbols: tuple[str, ...]


FeedItem = Tick | BidAsk | Interrupted | Resumed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInstrument:
    """Something that a feed gives prices of: ``symbol`` in our spelling, ``source_symbol`` in the source's.

    ``quoted`` says that it has no trades, so that bars are made of the middle of bid and ask, without volume.
    ``punctual`` says that its ticks come as early as those of the others, so that theirs tell that its bars are over.
    """

    symbol: str
    source_symbol: str
    name: str
    kind: str
    exchange: str
    currency: str
    zone: str
    quoted: bool = False
    punctual: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStanding:
    """How a connection goes. ``problem`` is why it is not connected, in plain words without addresses or keys.

    ``reconnects`` counts how often it was opened after the first time, ``frozen`` how often it was silent for too long.
    """

    connected: bool
    heard_at: datetime | None
    reconnects: int
    frozen: int
    problem: str


class Feed(Protocol):
    """A source of prices. Symbols are in our spelling everywhere."""

    def ticks(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[FeedItem]]:
        """Go through what happens, in the groups in which it comes, until the caller stops or the feed is closed.

        A live source connects again by itself. It begins interrupted, says ``Resumed`` of each symbol when it is known
        that its trades come, before the first of them, and ``Interrupted`` when a connection ends. Ticks may come out
        of order and more than once. Raises NotFoundError where a symbol is unknown.
        """
        ...

    async def backfill(self, symbol: str, timeframe: Timeframe, *, start: datetime, end: datetime) -> Bars:
        """Return the source's own bars with start <= time < end, all of them; minutes without a trade have none.

        Raises NotFoundError for an unknown symbol, InvalidInputError for bars that the source does not give at all
        and UnavailableError when it has to be asked again later.
        """
        ...

    def symbols(self) -> Sequence[str]:
        """Return the symbols that the feed was set up to follow, known without asking anybody."""
        ...

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Return what these symbols are. Raises UnavailableError, and NotFoundError for a wrong symbol."""
        ...

    def standing(self) -> FeedStanding:
        """Return how the connection goes now."""
        ...

    async def close(self) -> None:
        """Let go of connections; ``ticks`` ends."""
        ...
