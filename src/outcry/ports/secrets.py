"""The Secrets port: keys and passwords that no table and no log ever holds."""

import re
from typing import Protocol

_NAME = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


def check_secret_name(name: str) -> str:
    """Return the name of a secret; raises ValueError for what is none."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a secret")
    return name


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
