"""The Filings port where nobody is asked."""

from outcry.ports.filings import FilingsOffError


class NoneFilings:
    """Has nothing: reports are imported from files."""

    async def company_facts(self, cik: str) -> bytes:
        """Raise FilingsOffError."""
        raise FilingsOffError("OUTCRY_FILINGS is not set: figures come from files alone.")

    async def close(self) -> None:
        """Nothing is open."""
