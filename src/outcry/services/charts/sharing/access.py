"""Who may see a shared chart."""

from datetime import datetime

from outcry.kit.errors import NotFoundError
from outcry.kit.principal import Principal
from outcry.services.charts.sharing.models import ShareRow
from outcry.services.chat.contracts import ChatFacade


class ShareAccess:
    """The rules of audiences."""

    def __init__(self, chat: ChatFacade) -> None:
        self._chat = chat

    async def may_see(self, principal: Principal, row: ShareRow, now: datetime) -> bool:
        """Say whether a share is open to somebody who is signed in to its organisation. A guest is no colleague."""
        if row.tenant_id != principal.tenant_id or row.state(now) != "open":
            return False
        if row.owner_id == principal.user_id or row.audience == "anyone":
            return True
        if row.audience == "people":
            return str(principal.user_id) in row.people
        if row.audience == "organisation":
            return principal.role != "guest"
        return await self._is_in_room(principal, row)

    async def _is_in_room(self, principal: Principal, row: ShareRow) -> bool:
        if row.room_id is None:
            return False
        try:
            await self._chat.get_room(tenant_id=row.tenant_id, room_id=row.room_id, person_id=principal.user_id)
        except NotFoundError:
            return False
        return True
