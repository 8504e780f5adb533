"""The files' part in exports and erasures."""

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from outcry.kit.privacy import ExportFile
from outcry.ports.database import Database
from outcry.services.chat.files.dropping import delete_files, drop_files
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.files.sweeping import FileSweeper


class FileTraces:
    """What of files is a person's."""

    def __init__(self, *, database: Database, sweeper: FileSweeper) -> None:
        self._database = database
        self._sweeper = sweeper

    async def export(self, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the list of the files that a person sent; the bytes are had at the path that each names.

        What only a legal hold keeps has no path: its bytes are the administrators'.
        """
        query = select(FileRow).where(FileRow.uploader_id == person_id).order_by(FileRow.id)
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        listed = [
            {
                "id": str(row.id),
                "organisation_id": str(row.tenant_id),
                "room_id": str(row.room_id),
                "message_id": row.message_id and str(row.message_id),
                "name": row.name,
                "media_type": row.media_type,
                "size": row.size,
                "sha256": row.digest,
                "uploaded_at": row.uploaded_at.isoformat(),
                "held": row.held,
                "path": None if row.held else f"/api/v1/files/{row.id}",
            }
            for row in rows
        ]
        return (
            (ExportFile(path="chat/files.json", text=json.dumps(listed, ensure_ascii=False, indent=2)),) if rows else ()
        )

    async def erase(self, *, person_ids: Sequence[UUID], organisation_ids: Sequence[UUID]) -> None:
        """Let go of what these people sent, and of all of these organisations, and remove the bytes.

        A hold keeps what people posted; the organisation that placed it takes it along.
        """
        async with self._database.transaction() as transaction:
            await drop_files(transaction.session, FileRow.uploader_id.in_(person_ids))
            await delete_files(transaction.session, FileRow.tenant_id.in_(organisation_ids))
        # Also when nothing was there: an earlier try may have ended between the two.
        await self._sweeper.sweep()
