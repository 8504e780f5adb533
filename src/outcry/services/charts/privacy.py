"""The charts service's part in exports and erasures."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.ports.time_series import TimeSeries
from outcry.services.charts.fundamentals.models import FactRow
from outcry.services.charts.live.models import LivePositionRow
from outcry.services.charts.models import CorporateActionRow, InstrumentRow, ReplayRow


class ChartsPersonalData(PersonalData):
    """An organisation's own instruments, their bars, and how its replay is set; and what ``parts`` hold of people."""

    def __init__(self, database: Database, time_series: TimeSeries, *, parts: Sequence[PersonalData] = ()) -> None:
        self._database = database
        self._time_series = time_series
        self._parts = parts

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return what the parts hold: nothing of instruments and bars says who did it."""
        files: list[ExportFile] = []
        for part in self._parts:
            files.extend(await part.export_person(person_id=person_id))
        return tuple(files)

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove the organisations' rows and bars, and let the parts erase."""
        changed = 0
        for part in self._parts:
            changed += await part.erase_people(person_ids=person_ids, organisation_ids=organisation_ids)
        for organisation_id in organisation_ids:
            symbols = {one.symbol for one in await self._time_series.coverage(organisation_id)}
            for symbol in sorted(symbols):
                changed += await self._time_series.delete(organisation_id, symbol)
        async with self._database.transaction() as transaction:
            for table in (InstrumentRow, CorporateActionRow, FactRow, LivePositionRow, ReplayRow):
                statement = delete(table).where(table.tenant_id.in_(organisation_ids))
                changed += cast(CursorResult[Any], await transaction.session.execute(statement)).rowcount
        return changed
