"""What one connection's subscriptions have proven: a socket is open some time before its source begins to tell."""

from collections.abc import Sequence

from outcry.ports.feed import FeedItem, Resumed, Tick


class Subscriptions:
    """Says of which symbols it is known, since a connection opened, that all their trades come.

    It is known when the source confirms it (its adapter then says ``Resumed``), and by a symbol's first trade. Few
    sources confirm, and some symbols are seldom traded, so after a while it is presumed. If a first trade comes after
    that, it is said again: the subscription may have taken effect just now.
    """

    def __init__(self, symbols: Sequence[str]) -> None:
        self._unproven = dict.fromkeys(symbols)
        self._presumed = False

    @property
    def are_awaited(self) -> bool:
        """Whether something is neither known nor presumed yet."""
        return bool(self._unproven) and not self._presumed

    def note(self, group: Sequence[FeedItem]) -> Sequence[FeedItem]:
        """Return what came, with ``Resumed`` before the first trades."""
        if not self._unproven:
            return group
        confirmed = {symbol for item in group if isinstance(item, Resumed) for symbol in item.symbols}
        traded = {item.symbol for item in group if isinstance(item, Tick)}
        first = self._without(confirmed | traded)
        said = tuple(symbol for symbol in first if symbol not in confirmed)
        return (Resumed(symbols=said), *group) if said else group

    def presume(self) -> Resumed:
        """Return that the rest come, too."""
        self._presumed = True
        return Resumed(symbols=tuple(self._unproven))

    def _without(self, proven: set[str]) -> list[str]:
        first = [symbol for symbol in self._unproven if symbol in proven]
        for symbol in first:
            del self._unproven[symbol]
        return first
