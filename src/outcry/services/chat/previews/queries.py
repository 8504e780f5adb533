"""What reads link previews."""

from uuid import UUID

from outcry.kit.principal import Principal
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.services.chat.membership import message_of, room_of
from outcry.services.chat.previews.contracts import PreviewSetting
from outcry.services.chat.previews.errors import PreviewNotFoundError
from outcry.services.chat.previews.models import PageRow, SwitchRow
from outcry.services.chat.previews.visits import picture_key


class PreviewQueries:
    """Reads pictures, and what an organisation chose."""

    def __init__(self, *, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def picture(self, principal: Principal, room_id: UUID, message_id: UUID, preview_id: UUID) -> bytes:
        """Return the picture (WebP) of a preview to somebody who may read its message; raises PreviewNotFoundError."""
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            row = await message_of(session, principal.tenant_id, message_id, room_id=room_id)
            if str(preview_id) not in {each["id"] for each in row.previews or ()}:
                raise PreviewNotFoundError()
            page = await session.get(PageRow, preview_id)
        if page is None or page.tenant_id != principal.tenant_id or page.picture_id is None:
            raise PreviewNotFoundError()
        return await self._blobs.get(picture_key(page.tenant_id, page.picture_id))

    async def setting(self, principal: Principal) -> PreviewSetting:
        """Return whether links of the organisation are looked at."""
        async with self._database.reading() as session:
            row = await session.get(SwitchRow, principal.tenant_id)
        return PreviewSetting(enabled=row.enabled if row else True)
