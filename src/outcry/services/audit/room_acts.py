"""What events of rooms become in the log."""

from outcry.services.audit.leaves import Act
from outcry.services.chat.events import RoomChanged, RoomExported, RoomLinkChanged


def some(**record: str) -> dict[str, str]:
    """Return what of a record is not empty."""
    return {name: value for name, value in record.items() if value}


def room_changed(event: RoomChanged) -> Act:
    """Return the act of a room that is other than before."""
    after = some(kind=event.kind, title=event.title or "", owner=str(event.owner_id or ""))
    before = {}
    if event.role:
        before, after[f"role:{event.person_id}"] = {f"role:{event.person_id}": event.was}, event.role
    elif event.person_id is not None:
        after[f"member:{event.person_id}"] = "in" if event.act == "joined" else "out"
    elif event.was:
        before = {"kind": event.was}
    return Act(
        kind=f"chat.room_{event.act}",
        object_type="room",
        object_id=str(event.room_id),
        person_id=event.person_id or event.sealed_for,
        before=before,
        after=after,
        sealed=event.sealed,
    )


def room_link_changed(event: RoomLinkChanged) -> Act:
    """Return the act of a link that was made, used or revoked."""
    record = some(
        room=str(event.room_id),
        role=event.role,
        guests="yes" if event.guests else "no",
        expires_at=event.expires_at.isoformat(),
        most_uses=str(event.most_uses or ""),
    )
    revoked = event.act == "revoked"
    return Act(
        kind=f"chat.room_link_{event.act}",
        object_type="room_link",
        object_id=str(event.link_id),
        person_id=event.person_id,
        before=record | {"state": "open"} if revoked else {},
        after={"state": "revoked"} if revoked else record | {"state": "open"},
    )


def room_exported(event: RoomExported) -> Act:
    """Return the act of an export; it is an object of its own, for it changes nothing of the room."""
    return Act(
        kind="chat.room_exported",
        object_type="room_export",
        object_id=str(event.export_id),
        person_id=event.person_id,
        after={"room": str(event.room_id), "form": event.form, "messages": str(event.messages), "by": event.role},
        sealed=event.sealed,
    )
