"""Cases of the review queue: how they come up, and how they end without a decision of their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from outcry.kit.principal import Principal
from outcry.services.chat.changes import Change
from outcry.services.chat.events import MessageReviewed
from outcry.services.chat.models import UNHURRIED, MemberRow, MessageRow, RoomRow
from outcry.services.chat.moderation.models import BY_WORDS, CaseRow, ReportRow


async def note_report(change: Change, row: MessageRow, reporter_id: UUID, reason: str, at: datetime) -> bool:
    """Note that somebody reported a message, once each, and put it into the queue; False when they had."""
    session = change.session
    # The message first: its report refers to it.
    await session.flush()
    if await session.get(ReportRow, (row.id, reporter_id)) is not None:
        return False
    session.add(ReportRow(message_id=row.id, reporter_id=reporter_id, tenant_id=row.tenant_id, reason=reason, at=at))
    case = await session.get(CaseRow, row.id, with_for_update=True)
    if case is None:
        case = CaseRow(message_id=row.id, tenant_id=row.tenant_id, room_id=row.room_id, author_id=row.author_id)
        case.note = ""
        session.add(case)
    if case.state != "open":
        case.state, case.opened_at = "open", at
        case.decided_by = case.decided_at = None
    await tell_moderators(change, row.room_id)
    publish_review(change, row, "reported", actor_id=None if reporter_id == BY_WORDS else reporter_id)
    return True


async def settle_removed(change: Change, row: MessageRow, by: UUID, at: datetime) -> None:
    """Close the case of a message that is removed without asking the queue."""
    case = await change.session.get(CaseRow, row.id, with_for_update=True)
    if case is None or case.state != "open":
        return
    case.state, case.decided_by, case.decided_at = "removed", by, at
    await tell_moderators(change, row.room_id)


async def tell_moderators(change: Change, room_id: UUID) -> None:
    """Tell who looks after a room that there is something else in its queue."""
    query = select(MemberRow.user_id).where(
        MemberRow.room_id == room_id, MemberRow.role.in_(UNHURRIED), MemberRow.kind == "person"
    )
    for user_id in await change.session.scalars(query):
        change.tell_person(user_id, {"kind": "reviews", "room_id": str(room_id)})


def publish_review(change: Change, row: MessageRow, act: str, *, actor_id: UUID | None) -> None:
    """Publish what became of a message in the queue."""
    event = MessageReviewed(room_id=row.room_id, message_id=row.id, author_id=row.author_id, act=act)
    change.publish(event, tenant_id=row.tenant_id, key=str(row.room_id), actor_id=actor_id)


def may_decide(principal: Principal) -> ColumnElement[bool]:
    """Return the condition that a case is for a person to see and decide: never about their own message.

    Administrators have those of the whole organisation, others those of the rooms that they look after. In a direct
    room both people own it, so only administrators stand above them.
    """
    others = (CaseRow.tenant_id == principal.tenant_id) & (CaseRow.author_id != principal.user_id)
    if principal.may("chat:review:all"):
        return others
    looked_after = (
        select(MemberRow.room_id)
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .where(MemberRow.user_id == principal.user_id, MemberRow.role.in_(UNHURRIED), RoomRow.kind != "direct")
    )
    return others & CaseRow.room_id.in_(looked_after)
