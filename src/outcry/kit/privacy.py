"""What every service that holds something of a person's owes them: to give it out, and to erase it."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
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


Forget = Callable[[tuple[UUID, ...], tuple[UUID, ...]], Awaitable[None]]


async def _nothing(_people: tuple[UUID, ...], _organisations: tuple[UUID, ...]) -> None:
    return None


class PersonalParts:
    """Every service's part by its name. Made empty, handed to who asks them, filled once all services are built."""

    def __init__(self) -> None:
        self._parts: dict[str, PersonalData] = {}
        self._forget: Forget = _nothing

    def fill(self, parts: Mapping[str, PersonalData], forget: Forget) -> None:
        """Take the parts in, and what makes the engines forget; that is slow."""
        self._parts = dict(parts)
        self._forget = forget

    async def forget_deleted(self, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> None:
        """Let the engines overwrite what these left in files, after all parts have erased; raises UnavailableError."""
        await self._forget(person_ids, organisation_ids)

    async def export_person(self, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return what all parts hold of a person."""
        files: list[ExportFile] = []
        for part in self._parts.values():
            files.extend(await part.export_person(person_id=person_id))
        return tuple(files)

    async def erase_people(self, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Let all parts erase; return how many rows changed."""
        changed = 0
        for part in self._parts.values():
            changed += await part.erase_people(person_ids=person_ids, organisation_ids=organisation_ids)
        return changed
