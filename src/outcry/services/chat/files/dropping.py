"""Lets go of files, in the transaction that takes away what they belong to; the sweeper removes the bytes after it."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.files.models import ContentRow, FileRow
from outcry.services.chat.retention.holds import under_hold


async def drop_files(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """Let go of the files that a condition on FileRow names. Nobody is given them any more, from the commit on.

    Those of messages in a room under a legal hold are held in place of deleted; what was not posted is no message.
    """
    kept = FileRow.message_id.is_not(None) & under_hold(FileRow.tenant_id, FileRow.room_id)
    hide = update(FileRow).where(which, kept, ~FileRow.held).values(held=True)
    await session.execute(hide.execution_options(synchronize_session=False))
    await delete_files(session, which & ~kept)


async def delete_files(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """Let go of files whether a hold is on them or not: for what outranks one."""
    had_by_these = exists().where(FileRow.tenant_id == ContentRow.tenant_id, FileRow.digest == ContentRow.digest, which)
    doubt = update(ContentRow).where(had_by_these).values(doubtful=True)
    await session.execute(doubt.execution_options(synchronize_session=False))
    await session.execute(delete(FileRow).where(which).execution_options(synchronize_session=False))


async def drop_files_of_message(session: AsyncSession, message_id: UUID) -> None:
    """Drop those of a message."""
    await drop_files(session, FileRow.message_id == message_id)
