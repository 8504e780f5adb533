"""What changes link previews: taking one off a message, and an organisation's choice to have none."""

from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.errors import ForbiddenError
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import Message
from outcry.services.chat.events import LinkPreviewsSwitched
from outcry.services.chat.messages.access import Told, hold
from outcry.services.chat.names import Names
from outcry.services.chat.previews.contracts import PreviewSetting
from outcry.services.chat.previews.errors import PreviewNotFoundError
from outcry.services.chat.previews.models import SwitchRow
from outcry.services.chat.previews.wishes import keep_previews
from outcry.services.chat.rights import Right, holds


class PreviewCommands:
    """Removes previews and switches them on and off."""

    def __init__(self, *, database: Database, changes: Changes, names: Names, clock: Clock) -> None:
        self._database = database
        self._changes = changes
        self._told = Told(names)
        self._clock = clock

    async def remove(self, principal: Principal, room_id: UUID, message_id: UUID, preview_id: UUID) -> Message:
        """Take a preview off one's own message, as a moderator off any; no link of the message gets another one."""
        principal.require("chat:message:edit")
        async with self._changes.of(room_id) as change:
            held = await hold(change, principal, room_id, message_id)
            row = held.row
            if row.author_id != principal.user_id and not holds(held.member, Right.MODERATE):
                raise ForbiddenError("Only who wrote a message, or a moderator, takes a preview off it.")
            kept = [each for each in row.previews or () if each["id"] != str(preview_id)]
            if len(kept) == len(row.previews or ()):
                raise PreviewNotFoundError()
            await keep_previews(change.session, row, kept)
            row.previews_off = True
            self._told.tell(change, row)
        return await self._told.message(row)

    async def switch(self, principal: Principal, *, enabled: bool) -> PreviewSetting:
        """Have the links of an organisation looked at from now on, or not; what is shown already stays."""
        principal.require("chat:preview:manage")
        async with self._database.transaction() as transaction:
            row = await transaction.session.get(SwitchRow, principal.tenant_id, with_for_update=True)
            before = True if row is None else row.enabled
            if before != enabled:
                if row is None:
                    row = SwitchRow(tenant_id=principal.tenant_id)
                    transaction.session.add(row)
                row.enabled, row.changed_at = enabled, self._clock.now()
                transaction.publish(
                    LinkPreviewsSwitched(enabled=enabled),
                    tenant_id=principal.tenant_id,
                    key=str(principal.tenant_id),
                    actor_id=principal.user_id,
                )
        return PreviewSetting(enabled=enabled)
