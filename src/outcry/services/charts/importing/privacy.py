"""What imports hold of people: who began them, and the names of their files."""

import json
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.services.charts.models import ImportRow, RefusedRow


class ImportPersonalData(PersonalData):
    """A person's imports. The bars that came of them are their organisation's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the imports of a person."""
        statement = select(ImportRow).where(ImportRow.person_id == person_id).order_by(ImportRow.id)
        async with self._database.reading() as session:
            rows = (await session.scalars(statement)).all()
        if not rows:
            return ()
        told = [
            {"id": str(row.id), "created_at": row.created_at.isoformat(), "status": row.status, "files": row.report}
            for row in rows
        ]
        return (ExportFile(path="charts/imports.json", text=json.dumps(told, indent=1)),)

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove their imports, and the rows that those refused."""
        theirs = or_(ImportRow.person_id.in_(person_ids), ImportRow.tenant_id.in_(organisation_ids))
        async with self._database.transaction() as transaction:
            rows = delete(RefusedRow).where(RefusedRow.import_id.in_(select(ImportRow.id).where(theirs)))
            changed = cast(CursorResult[Any], await transaction.session.execute(rows)).rowcount
            imports = delete(ImportRow).where(theirs)
            return changed + cast(CursorResult[Any], await transaction.session.execute(imports)).rowcount
