"""What every service that holds something of a person's owes them: to give it out, and to erase it."""

from abc import abstractmethod
from dataclasses import dataclass
from uuid import UUID

from outcry.kit.facade import Facade


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """A text file of a person's export: ``path`` inside the zip, such as ``chat/messages.json``."""

    path: str
    text: str


class PersonalData(Facade):
    """The part that a service plays in exports and erasures."""

    @abstractmethod
    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return everything that the service holds of a person, in every organisation."""

    @abstractmethod
    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Erase what is held of these people, and all of these organisations; return how many rows it changed.

        Idempotent: it is called again after a crash, and whenever an older copy of the data may have been put back.
        """
