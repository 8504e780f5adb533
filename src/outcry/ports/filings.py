"""The Filings port: what companies filed with whom they have to report to."""

from typing import Protocol


class Filings(Protocol):
    """Fetches reports as they were filed."""

    async def company_facts(self, cik: str) -> bytes:
        """Return the SEC's company facts (JSON) of a company, by its Central Index Key.

        Raises NotFoundError where nothing is filed under it, and UnavailableError where nobody is asked or the server
        does not answer.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
