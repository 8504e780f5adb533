"""The Challenges port where nobody is asked."""

from outcry.ports.challenges import Widget


class NoneChallenges:
    """Has no widget, and takes nothing for a response."""

    @property
    def widget(self) -> Widget | None:
        """There is none."""
        return None

    async def start(self) -> None:
        """Nothing is needed."""

    async def verify(self, response: str, *, address: str) -> bool:
        """Return False: nobody was asked."""
        return False

    async def close(self) -> None:
        """Nothing is open."""
