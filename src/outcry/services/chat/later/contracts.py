"""What only the HTTP answers about sending later show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterMessage:
    """A message that is sent at ``due_at``. ``zone`` is where the person chose that time, such as Europe/Berlin.

    One that could not be sent is ``failed`` and says why; it stays until it is given another time or taken away.
    """

    id: UUID
    room_id: UUID
    topic_id: UUID | None
    text: str
    due_at: datetime
    zone: str
    state: Literal["waiting", "failed"]
    problem: str
