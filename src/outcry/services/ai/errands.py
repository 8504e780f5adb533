"""What whoever asks may tell the assistant to do regularly, as its tools see it."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from outcry.services.ai.duties.commands import Duties
from outcry.services.ai.duties.schedule import Schedule


class Errand(Protocol):
    """On behalf of one person, by one message of theirs."""

    async def propose(self, days: tuple[int, ...], at: str, *, quiet: bool) -> dict[str, Any]:
        """Note what they ask for."""
        ...

    async def confirm(self) -> dict[str, Any]:
        """Let begin what they asked for before."""
        ...


class NoErrand:
    """Nobody asks: the assistant does something by itself, and gives itself nothing to do."""

    async def propose(self, days: tuple[int, ...], at: str, *, quiet: bool) -> dict[str, Any]:
        """Refuse."""
        return {"error": "Nobody asked for that."}

    async def confirm(self) -> dict[str, Any]:
        """Refuse."""
        return {"error": "Nobody asked for that."}


NO_ERRAND = NoErrand()


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyErrand:
    """The duties that the author of a message may give in its room."""

    duties: Duties
    tenant_id: UUID
    room_id: UUID
    person_id: UUID
    question_id: UUID

    async def propose(self, days: tuple[int, ...], at: str, *, quiet: bool) -> dict[str, Any]:
        """Note a summary that they ask for."""
        schedule = await self.duties.propose(
            tenant_id=self.tenant_id,
            room_id=self.room_id,
            person_id=self.person_id,
            question_id=self.question_id,
            days=days,
            at=at,
            quiet=quiet,
        )
        return _told(schedule)

    async def confirm(self) -> dict[str, Any]:
        """Let begin what they asked for in an earlier message."""
        schedule = await self.duties.confirm(
            tenant_id=self.tenant_id, room_id=self.room_id, person_id=self.person_id, question_id=self.question_id
        )
        return _told(schedule)


def _told(schedule: Schedule) -> dict[str, Any]:
    return {"when": schedule.describe(), "at": schedule.at, "zone": schedule.zone}
