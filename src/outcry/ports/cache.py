"""The Cache port: small values that may be lost without harm."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

# A window moves in this many steps.
STEPS = 128


@dataclass(frozen=True, slots=True)
class Taken:
    """What ``take`` found: whether it was let in, how many uses the window holds now, and when one of them leaves it.

    ``frees_in`` is nothing when the window is empty.
    """

    admitted: bool
    used: int
    frees_in: timedelta


class Cache(Protocol):
    """Keys carry their tenant. Every value ends; losing one early may cost time, never truth."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, None when there is none or it has ended."""
        ...

    async def set(self, key: str, value: bytes, *, ttl: timedelta) -> None:
        """Store a value for ``ttl``."""
        ...

    async def add(self, key: str, value: bytes, *, ttl: timedelta) -> bool:
        """Store a value unless the key has one; says whether it was stored. Atomic, so it serves as a lock."""
        ...

    async def increment(self, key: str, *, ttl: timedelta) -> int:
        """Add one to a counter and return it; ``get`` gives its digits.

        A new counter starts at 1 and ends after ``ttl``.
        """
        ...

    async def take(self, key: str, *, most: int, window: timedelta) -> Taken:
        """Count one use of a key, unless ``most`` uses lie within the last ``window`` already. Atomic.

        The window slides by 128ths: a use leaves it a 128th of the window late at most, never early. Who is not
        admitted is not counted.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget a key; nothing happens when there is none."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
