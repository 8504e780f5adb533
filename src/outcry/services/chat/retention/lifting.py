"""Lets go of what only a hold that is lifted kept."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.files.dropping import drop_files
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.retention.holds import under_hold
from outcry.services.chat.retention.models import HeldMessageRow


async def let_go(session: AsyncSession, tenant_id: UUID) -> None:
    """Delete the copies and drop the files of what no hold of an organisation asks to keep any more."""
    freed = delete(HeldMessageRow).where(
        HeldMessageRow.tenant_id == tenant_id, ~under_hold(HeldMessageRow.tenant_id, HeldMessageRow.room_id)
    )
    await session.execute(freed.execution_options(synchronize_session=False))
    await drop_files(session, (FileRow.tenant_id == tenant_id) & FileRow.held)
