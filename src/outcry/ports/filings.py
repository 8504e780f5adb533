"""The Filings port: what companies filed with whom they have to report to."""

from typing import Protocol

from outcry.kit.errors import ConflictError


class FilingsOffError(ConflictError):
    """The installation asks nobody for filings."""

    code, title = "filings_off", "This installation asks nobody for filings"


class Filings(Protocol):
    """Fetches reports as they were filed."""

    async def company_facts(self, cik: str) -> bytes:
        """Return the SEC's company facts (JSON) of a company, by its Central Index Key.

        Raises FilingsOffError where nobody is asked, NotFoundError where nothing is filed under it, and
        UnavailableError where the server does not answer.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
