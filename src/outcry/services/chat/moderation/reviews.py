"""Reports of messages, and what is decided about them."""

from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line, shorten
from outcry.ports.database import Database
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import GONE
from outcry.services.chat.membership import message_of
from outcry.services.chat.messages.access import hold
from outcry.services.chat.messages.commands import LONGEST_REASON, MessageCommands
from outcry.services.chat.messages.errors import StillWrittenError
from outcry.services.chat.models import RoomRow
from outcry.services.chat.moderation.cases import may_decide, note_report, publish_review, tell_moderators
from outcry.services.chat.moderation.contracts import Decision
from outcry.services.chat.moderation.errors import CaseDecidedError, CaseNotFoundError, OwnMessageError
from outcry.services.chat.moderation.models import CaseRow

LONGEST_REPORT = 500


class ReviewCommands:
    """Takes reports from any member, and decisions from who looks after the room."""

    def __init__(self, *, database: Database, changes: Changes, messages: MessageCommands, clock: Clock) -> None:
        self._database = database
        self._changes = changes
        self._messages = messages
        self._clock = clock

    async def report(self, principal: Principal, room_id: UUID, message_id: UUID, *, reason: str) -> None:
        """Report a message, once; raises OwnMessageError, MessageGoneError and StillWrittenError."""
        principal.require("chat:message:report")
        said = shorten(clean_line(reason), LONGEST_REPORT)
        async with self._changes.of(room_id) as change:
            row = (await hold(change, principal, room_id, message_id)).row
            if row.author_id == principal.user_id:
                raise OwnMessageError("This is your own message: remove it yourself.")
            await note_report(change, row, principal.user_id, said, self._clock.now())

    async def decide(
        self, principal: Principal, message_id: UUID, *, verdict: Literal["kept", "removed"], note: str
    ) -> Decision:
        """Keep or remove a reported message; raises CaseNotFoundError and CaseDecidedError."""
        principal.require("chat:review:manage")
        said = shorten(clean_line(note), LONGEST_REASON)
        async with self._database.reading() as session:
            room_id = (await _case(session, principal, message_id)).room_id
        async with self._changes.of(room_id) as change:
            # The room before its messages, as everybody who holds both does.
            room = await change.session.get_one(RoomRow, room_id, with_for_update=True)
            case = await _case(change.session, principal, message_id, lock=True)
            if case.state != "open":
                raise CaseDecidedError()
            case.state, case.note = verdict, said
            case.decided_by, case.decided_at = principal.user_id, self._clock.now()
            await self._carry_out(change, principal, room, message_id, verdict, said)
        return Decision(message_id=message_id, state=verdict)

    async def _carry_out(
        self, change: Change, principal: Principal, room: RoomRow, message_id: UUID, verdict: str, note: str
    ) -> None:
        row = await message_of(change.session, principal.tenant_id, message_id, lock=True)
        if row.status == "streaming":
            raise StillWrittenError()
        if verdict == "removed" and row.status not in GONE:
            await self._messages.take_down(change, room, row, by=principal.user_id, reason=note)
        await tell_moderators(change, room.id)
        publish_review(change, row, verdict, actor_id=principal.user_id)


async def _case(session: AsyncSession, principal: Principal, message_id: UUID, *, lock: bool = False) -> CaseRow:
    query = select(CaseRow).where(CaseRow.message_id == message_id, may_decide(principal))
    row: CaseRow | None = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise CaseNotFoundError()
    return row
