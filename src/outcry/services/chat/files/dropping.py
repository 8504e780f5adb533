"""Lets go of files, in the transaction that takes away what they belong to; the sweeper removes the bytes after it."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.files.models import ContentRow, FileRow


async def drop_files(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """Let go of the files that a condition on FileRow names. Nobody is given them any more, from the commit on."""
    had_by_these = exists().where(FileRow.tenant_id == ContentRow.tenant_id, FileRow.digest == ContentRow.digest, which)
    doubt = update(ContentRow).where(had_by_these).values(doubtful=True)
    await session.execute(doubt.execution_options(synchronize_session=False))
    await session.execute(delete(FileRow).where(which).execution_options(synchronize_session=False))


async def drop_files_of_message(session: AsyncSession, message_id: UUID) -> None:
    """Do so with those of a message."""
    await drop_files(session, FileRow.message_id == message_id)
