"""How many connections are open, in all and from each network."""

from collections import Counter
from collections.abc import Sequence

from outcry.kit.network import Network, is_within, network_of


class Connections:
    """Counts them against their bounds; proxies, behind which many people are, count in the sum alone."""

    def __init__(self, *, most: int, most_per_address: int, trusted: Sequence[Network]) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._trusted = trusted
        self._all = 0
        self._by_network: Counter[str] = Counter()

    def add(self, address: str) -> bool:
        """Count one, and say whether it may stay. One that may not is counted until it is gone, too."""
        network = network_of(address)
        self._all += 1
        self._by_network[network] += 1
        few = self._by_network[network] <= self._most_per_address or is_within(address, self._trusted)
        return few and self._all <= self._most

    def remove(self, address: str) -> None:
        """Forget one that is gone."""
        network = network_of(address)
        self._all -= 1
        self._by_network[network] -= 1
        if self._by_network[network] <= 0:
            del self._by_network[network]

    def __len__(self) -> int:
        return self._all
