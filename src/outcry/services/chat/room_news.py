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


def tell_named(
    transaction: Transaction, room: RoomRow, act: str, *, actor_id: UUID | None, sealed: dict[str, str] | None = None
) -> None:
    """Publish that a room was ``made`` or ``renamed``; a room that is made is owned by who makes it."""
    event = RoomChanged(
        room_id=room.id,
        act=act,
        kind=room.kind,
        owner_id=actor_id if act == "made" else None,
        title=room.title if room.titled_by is None else None,
        sealed=sealed or {},
        sealed_for=room.titled_by or (room.described_by if act == "made" else None),
    )
    transaction.publish(event, tenant_id=room.tenant_id, key=str(room.id), actor_id=actor_id)


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
    transaction.publish(event, tenant_id=room.tenant_id, key=str(room.id), actor_id=actor_id)
