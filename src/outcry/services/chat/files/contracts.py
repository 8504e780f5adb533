"""What only the HTTP answers about files show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outcry.services.chat.contracts import Author
from outcry.services.chat.files.kinds import MessageFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFile:
    """A file of a room, with the message that it came with."""

    file: MessageFile
    message_id: UUID
    sequence: int
    author: Author
    posted_at: datetime
