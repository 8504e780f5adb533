"""The Filings port where nobody is asked."""

from outcry.kit.errors import UnavailableError


class NoneFilings:
    """Has nothing: reports are imported from files."""

    async def company_facts(self, cik: str) -> bytes:
        """Raise UnavailableError."""
        raise UnavailableError("This installation asks nobody for filings: OUTCRY_FILINGS is not set.")

    async def close(self) -> None:
        """Nothing is open."""
