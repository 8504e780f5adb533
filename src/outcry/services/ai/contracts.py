"""What other services may ask of the AI service."""

from abc import abstractmethod
from dataclasses import dataclass
from uuid import UUID

from outcry.kit.facade import Facade


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A way of answering that a person can choose."""

    name: str
    title: str
    summary: str


class AiFacade(Facade):
    """The AI service as others see it."""

    @abstractmethod
    async def list_modes(self, *, tenant_id: UUID) -> tuple[Mode, ...]:
        """Return the modes that this organisation can use."""
