"""The Pages port where nothing is fetched."""

from collections.abc import Mapping

from outcry.ports.pages import Page, PagesOffError


class NonePages:
    """Calls nobody."""

    async def fetch(self, url: str, *, most_bytes: Mapping[str, int]) -> Page:
        """Raise PagesOffError."""
        raise PagesOffError("OUTCRY_PAGES is none: no pages are fetched.")

    async def close(self) -> None:
        """Nothing is open."""
