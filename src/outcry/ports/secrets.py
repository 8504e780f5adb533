"""The Secrets port: keys and passwords that no table and no log ever holds."""

from typing import Protocol


class Secrets(Protocol):
    """Gives secrets by name: lower-case words joined by dashes, such as ``master-key``."""

    async def find(self, name: str) -> bytes | None:
        """Return a secret, None when there is none of this name."""
        ...

    async def get_or_create(self, name: str, *, size: int) -> bytes:
        """Return a secret; when there is none, make ``size`` random bytes and keep them first.

        Two processes that ask at once get the same bytes. Raises UnavailableError where the store is read-only.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
