"""The part of shared charts in exports and erasures."""

import json
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.services.charts.drawings.contracts import Drawing
from outcry.services.charts.sharing.models import SNAPSHOT, ShareAuthorRow, ShareRow


class SharePersonalData(PersonalData):
    """What a person shared, and what they drew on charts that others shared."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the person's shares; their tokens are known to nobody."""
        query = select(ShareRow).where(ShareRow.owner_id == person_id).order_by(ShareRow.id)
        async with self._database.reading() as session:
            shares = [_to_json(row) for row in await session.scalars(query)]
        if not shares:
            return ()
        text = json.dumps(shares, ensure_ascii=False, indent=2)
        return (ExportFile(path="charts/shares.json", text=text),)

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove what these people shared, their drawings on what others shared, and all of these organisations."""
        changed = 0
        async with self._database.transaction() as transaction:
            session = transaction.session
            gone = or_(ShareRow.owner_id.in_(person_ids), ShareRow.tenant_id.in_(organisation_ids))
            doomed = select(ShareRow.id).where(gone).scalar_subquery()
            await session.execute(delete(ShareAuthorRow).where(ShareAuthorRow.share_id.in_(doomed)))
            done = await session.execute(delete(ShareRow).where(gone))
            changed += cast(CursorResult[Any], done).rowcount
            theirs = select(ShareAuthorRow.share_id).where(ShareAuthorRow.person_id.in_(person_ids))
            for row in (await session.scalars(select(ShareRow).where(ShareRow.id.in_(theirs)))).all():
                snapshot = SNAPSHOT.validate_python(row.snapshot)
                kept = _without(snapshot.drawings, frozenset(person_ids))
                row.snapshot = SNAPSHOT.dump_python(replace(snapshot, drawings=kept), mode="json")
                changed += 1
            await session.flush()
            await session.execute(delete(ShareAuthorRow).where(ShareAuthorRow.person_id.in_(person_ids)))
        return changed


def _without(drawings: tuple[Drawing, ...], people: frozenset[UUID]) -> tuple[Drawing, ...]:
    """Return the drawings that others made, without the words of these people on them."""
    left = [drawing for drawing in drawings if drawing.created_by not in people]
    return tuple(replace(one, text="", changed_by=None) if one.changed_by in people else one for one in left)


def _to_json(row: ShareRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "organisation_id": str(row.tenant_id),
        "title": row.title,
        "audience": row.audience,
        "room_id": str(row.room_id) if row.room_id else None,
        "people": row.people,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at and row.expires_at.isoformat(),
        "opened": row.opened,
        "snapshot": row.snapshot,
    }
