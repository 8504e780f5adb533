"""What the log keeps of retention and legal holds: the rules and the counts, and none of the words."""

from outcry.services.audit.leaves import Act
from outcry.services.chat.events import HeldFileRead, HeldMessagesRead, MessagesExpired, RetentionChanged


def retention_changed(event: RetentionChanged) -> Act:
    """Return the act of a rule, or of a hold."""
    before = {} if event.was is None else {"days": str(event.was)}
    after = {} if event.now is None else {"days": str(event.now)}
    if event.act != "rule":
        before, after = {"state": "held" if event.act == "released" else "free"}, {"state": event.act}
    return Act(
        kind=f"chat.retention_{event.act}",
        object_type="room" if event.room_id else "organisation",
        object_id=str(event.room_id or ""),
        before=before,
        after=after,
    )


def messages_expired(event: MessagesExpired) -> Act:
    """Return the act of what went by the rule of its room."""
    return Act(
        kind="chat.messages_expired",
        object_type="room",
        object_id=str(event.room_id),
        after={"messages": str(event.messages), "floor": str(event.floor)},
    )


def held_messages_read(event: HeldMessagesRead) -> Act:
    """Return the act of reading what is held."""
    return Act(
        kind="chat.held_messages_read",
        object_type="room",
        object_id=str(event.room_id),
        after={"messages": str(event.messages)},
    )


def held_file_read(event: HeldFileRead) -> Act:
    """Return the act of reading a file that is held."""
    return Act(
        kind="chat.held_file_read",
        object_type="file",
        object_id=str(event.file_id),
        after={"room": str(event.room_id), "message": str(event.message_id)},
    )
