"""The part of layouts and watchlists in exports and erasures."""

import json
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, and_, delete, or_, select, update

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.services.charts.layouts.models import DefaultLayoutRow, LayoutRow
from outcry.services.charts.ownership import Kept
from outcry.services.charts.watchlists.models import WatchlistRow

# What a shared thing is called once the name that a person gave it is erased with them.
_NAMES: dict[type[LayoutRow] | type[WatchlistRow], str] = {
    LayoutRow: "Shared layout",
    WatchlistRow: "Shared watchlist",
}


class KeptPersonalData(PersonalData):
    """What a person keeps. What they shared stays with the organisation, without them and the name they gave it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the person's layouts, templates and watchlists."""
        files = []
        async with self._database.reading() as session:
            layouts = await session.scalars(select(LayoutRow).where(LayoutRow.owner_id == person_id))
            kept = [_to_json(row) | {"kind": row.kind, "chart": row.chart} for row in layouts]
            if kept:
                files.append(_file("charts/layouts.json", kept))
            lists = await session.scalars(select(WatchlistRow).where(WatchlistRow.owner_id == person_id))
            watched = [_to_json(row) | {"symbols": row.symbols} for row in lists]
            if watched:
                files.append(_file("charts/watchlists.json", watched))
        return tuple(files)

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove what these people kept for themselves, and all of these organisations."""
        changed = 0
        async with self._database.transaction() as transaction:

            async def run(statement: Any) -> int:
                done = await transaction.session.execute(statement, execution_options={"synchronize_session": False})
                return cast(CursorResult[Any], done).rowcount

            chosen = DefaultLayoutRow
            theirs = or_(chosen.person_id.in_(person_ids), chosen.tenant_id.in_(organisation_ids))
            changed += await run(delete(chosen).where(theirs))
            for table, name in _NAMES.items():
                alone = and_(table.owner_id.in_(person_ids), table.shared.is_(False))
                gone = select(table.id).where(or_(alone, table.tenant_id.in_(organisation_ids)))
                if table is LayoutRow:
                    changed += await run(delete(chosen).where(chosen.layout_id.in_(gone)))
                changed += await run(delete(table).where(table.id.in_(gone.scalar_subquery())))
                left = update(table).where(table.owner_id.in_(person_ids))
                changed += await run(left.values(owner_id=None, name=name))
        return changed


def _to_json(row: Kept) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "organisation_id": str(row.tenant_id),
        "name": row.name,
        "shared": row.shared,
        "changed_at": row.changed_at.isoformat(),
    }


def _file(path: str, value: list[dict[str, Any]]) -> ExportFile:
    return ExportFile(path=path, text=json.dumps(value, ensure_ascii=False, indent=2))
