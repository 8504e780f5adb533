"""How often the edge refused what, since the start."""

from collections import Counter


class Counts:
    """Plain counters by the code of what happened. Codes come from the code, never from a request."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, code: str) -> None:
        """Count one."""
        self._counts[code] += 1

    def all(self) -> dict[str, int]:
        """Return every counter that is not nought, by name."""
        return dict(sorted(self._counts.items()))
