"""Publishes that a room is other than before, in the transaction that changes it."""

from collections.abc import Sequence
from uuid import UUID

from outcry.ports.database import Transaction
from outcry.services.auth.contracts import AuthFacade, PlainText
from outcry.services.chat.events import RoomChanged
from outcry.services.chat.models import MemberRow, RoomRow


async def seal_words(auth: AuthFacade, person_id: UUID, **words: str) -> dict[str, str]:
    """Return what a person called a room as it may stand in an event; empty once the person is erased."""
    said = {name: text for name, text in words.items() if text}
    if not said:
        return {}
    sealed = await auth.seal_for_people(
        items=tuple(PlainText(person_id=person_id, text=text) for text in said.values())
    )
    return {f"after.{name}": text for name, text in zip(said, sealed, strict=True) if text is not None}


def only(sealed: dict[str, str], field: str) -> dict[str, str]:
    """Return of sealed words those of one field."""
    return {name: text for name, text in sealed.items() if name == f"after.{field}"}


def tell_named(
    transaction: Transaction, room: RoomRow, act: str, *, actor_id: UUID | None, sealed: dict[str, str] | None = None
) -> None:
    """Publish that a room was ``made``, ``renamed`` or ``described``; one that is made is owned by who makes it."""
    author = room.described_by if act == "described" else room.titled_by
    if act == "made":
        author = room.titled_by or room.described_by
    event = RoomChanged(
        room_id=room.id,
        act=act,
        kind=room.kind,
        owner_id=actor_id if act == "made" else None,
        title=room.title if room.titled_by is None and act != "described" else None,
        sealed=sealed or {},
        sealed_for=author,
    )
    _publish(transaction, room, event, actor_id)


def tell_kind(transaction: Transaction, room: RoomRow, was: str, *, actor_id: UUID) -> None:
    """Publish that a room is of another kind now."""
    _publish(transaction, room, RoomChanged(room_id=room.id, act="kind", kind=room.kind, was=was), actor_id)


def tell_moved(
    transaction: Transaction,
    room: RoomRow,
    act: str,
    person_id: UUID,
    members: Sequence[MemberRow],
    *,
    actor_id: UUID | None,
) -> None:
    """Publish that somebody ``joined`` or ``left`` a room; ``members`` are those that are in it then."""
    owner = next((row.user_id for row in members if row.role == "owner"), None)
    event = RoomChanged(room_id=room.id, act=act, kind=room.kind, owner_id=owner, person_id=person_id)
    _publish(transaction, room, event, actor_id)


def tell_role(
    transaction: Transaction, room: RoomRow, member: MemberRow, was: str, *, actor_id: UUID | None, act: str = "role"
) -> None:
    """Publish that a member has another role, or that the room was ``handed_over`` to them."""
    event = RoomChanged(
        room_id=room.id,
        act=act,
        kind=room.kind,
        person_id=member.user_id,
        owner_id=member.user_id if member.role == "owner" else None,
        role=member.role,
        was=was,
    )
    _publish(transaction, room, event, actor_id)


def _publish(transaction: Transaction, room: RoomRow, event: RoomChanged, actor_id: UUID | None) -> None:
    transaction.publish(event, tenant_id=room.tenant_id, key=str(room.id), actor_id=actor_id)
