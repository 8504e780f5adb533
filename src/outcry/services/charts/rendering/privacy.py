"""The part of kept pictures in erasures."""

from uuid import UUID

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.services.charts.rendering.pictures import Pictures


class KeptPictures(PersonalData):
    """Pictures that are kept show market data and nothing of a person; they go with their organisation."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return nothing: what has drawings in it is not kept."""
        return ()

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove the organisations' pictures."""
        return sum([await self._pictures.forget(organisation_id) for organisation_id in organisation_ids])
