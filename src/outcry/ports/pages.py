"""The Pages port: what anybody may read at an address that somebody wrote down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from outcry.kit.errors import ConflictError


class PagesOffError(ConflictError):
    """The installation fetches no pages."""

    code, title = "pages_off", "This installation fetches no pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was at an address. ``url`` is where redirects ended; ``kind`` its media type, ``charset`` as it was named.

    ``whole`` says that nothing was cut off its end.
    """

    url: str
    kind: str
    charset: str
    data: bytes
    whole: bool


class Pages(Protocol):
    """Fetches what strangers' servers show to everybody. Nothing of a person or of ours goes along."""

    async def fetch(self, url: str, *, most_bytes: Mapping[str, int]) -> Page:
        """Return what is at an address.

        Args:
            url: ``https:``; ``http:`` is asked by TLS all the same.
            most_bytes: the media types that are wanted, and where each is cut.

        Raises:
            PagesOffError: where nothing is fetched.
            InvalidInputError: the address, or one that it leads to, is not called.
            NotFoundError: there is nothing of a kind that is wanted.
            UnavailableError: the server does not answer, in time or at all.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
