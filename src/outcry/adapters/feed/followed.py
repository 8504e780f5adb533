"""What feeds have in common that keep one connection open: their symbols, and how the connection goes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from outcry.adapters.feed.feed_address import FeedAddress, to_own_symbol
from outcry.adapters.feed.following import Following, Groups
from outcry.adapters.outgoing.destinations import Destinations
from outcry.kit.clock import Clock
from outcry.kit.errors import NotFoundError
from outcry.ports.feed import FeedStanding


class FollowedFeed(ABC):
    """A feed over one connection that is kept; a source is what ``_session`` makes of it.

    ``_destination`` is where its calls go, apart from the connection: either may rest while the other works.
    """

    def __init__(self, address: FeedAddress, *, clock: Clock, outside: Destinations | None) -> None:
        self._address = address
        self._symbols = {to_own_symbol(one): one.upper() for one in address.symbols}
        self._own = {source: own for own, source in self._symbols.items()}
        destinations = outside or Destinations()
        self._destination = destinations.get("market data server", address.name)
        self._following = Following(
            self._session,
            destination=destinations.get("market feed", address.name),
            silence_s=address.silence_s,
            clock=clock,
        )

    def ticks(self, symbols: Sequence[str]) -> Groups:
        """Follow what the source tells of these symbols."""
        for symbol in symbols:
            self._source_symbol(symbol)
        return self._following.ticks(symbols)

    def symbols(self) -> Sequence[str]:
        """Return what was named, in our spelling."""
        return tuple(self._symbols)

    def standing(self) -> FeedStanding:
        """Return how the connection goes."""
        return self._following.standing()

    @abstractmethod
    def _session(self, symbols: Sequence[str]) -> AbstractAsyncContextManager[Groups]:
        """Open one connection that gives the ticks of these symbols."""

    def _source_symbol(self, symbol: str) -> str:
        try:
            return self._symbols[symbol]
        except KeyError:
            raise NotFoundError(f"{symbol} is not followed.") from None
