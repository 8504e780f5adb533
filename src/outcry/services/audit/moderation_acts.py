"""What the log keeps of moderation: who did what to whom, and none of the words that it was about."""

from outcry.services.audit.leaves import Act
from outcry.services.audit.room_acts import some
from outcry.services.chat.events import MessageReviewed, RoomModerated


def room_moderated(event: RoomModerated) -> Act:
    """Return the act of a moderator, in a room or in all rooms of the organisation."""
    before, after = {}, {}
    if event.act in ("slow_mode", "words"):
        before, after = {event.act: str(event.was)}, {event.act: str(event.now)}
    elif event.act in ("silenced", "banned"):
        after = some(state=event.act, until=event.until.isoformat() if event.until else "")
    else:
        before = {"state": event.act.removeprefix("un")}
    return Act(
        kind=f"chat.room_{event.act}",
        object_type="room" if event.room_id else "organisation",
        object_id=str(event.room_id or ""),
        person_id=event.person_id,
        before=before,
        after=after,
    )


def message_reviewed(event: MessageReviewed) -> Act:
    """Return the act of a report, or of what was decided about it."""
    return Act(
        kind=f"chat.message_review_{event.act}",
        object_type="message",
        object_id=str(event.message_id),
        person_id=event.author_id,
        after={"room": str(event.room_id), "state": event.act},
    )
