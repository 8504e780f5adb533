"""Puts files that their sender sent before on a new message."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.files.errors import FileMissingError
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.models import FILES, MessageRow

MOST_FILES = 10


async def attach_files(session: AsyncSession, row: MessageRow, file_ids: Sequence[UUID]) -> list[Any]:
    """Give a new message these files, and return them as its row has them.

    Raises FileMissingError unless all of them were sent to its room by its author, and are on no message yet.
    """
    wanted = list(dict.fromkeys(file_ids))
    query = select(FileRow).where(
        FileRow.id.in_(wanted),
        FileRow.tenant_id == row.tenant_id,
        FileRow.room_id == row.room_id,
        FileRow.uploader_id == row.author_id,
        FileRow.message_id.is_(None),
        FileRow.ready,
    )
    found = {file.id: file for file in await session.scalars(query.with_for_update())}
    if len(found) < len(wanted):
        raise FileMissingError("A file of this message is not there any more. Add it again.")
    for place, file_id in enumerate(wanted):
        file = found[file_id]
        file.message_id, file.sequence, file.place = row.id, row.sequence, place
    # Before another message of the same commit asks for them.
    await session.flush()
    files = tuple(found[file_id].to_file() for file_id in wanted)
    return list(FILES.dump_python(files, mode="json"))
