"""The table of questions that want a reply: what is open, what was begun, what is done."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update

from outcry.kit.clock import Clock
from outcry.ports.database import Database, Transaction
from outcry.services.ai.models import ReplyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One round of one reply, as it stood when it was read."""

    question_id: UUID
    tenant_id: UUID
    room_id: UUID
    round: int
    tries: int
    message_id: UUID | None
    version: int | None


class ReplyStore:
    """Reads and writes the rows. Every change names the round it belongs to, so that an old one changes nothing."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def queue(self, transaction: Transaction, *, tenant_id: UUID, room_id: UUID, question_id: UUID) -> None:
        """Open a question, or open it anew as the next round, in a transaction of the caller's."""
        row = await transaction.session.get(ReplyRow, question_id, with_for_update=True)
        now = self._clock.now()
        if row is None:
            row = ReplyRow(question_id=question_id, tenant_id=tenant_id, room_id=room_id, round=0, created_at=now)
            transaction.session.add(row)
        row.status, row.round, row.tries, row.changed_at = "open", row.round + 1, 0, now

    async def begin(self, question_id: UUID) -> Job | None:
        """Count a try of an open question and return its job; None when it is done or unknown."""
        async with self._database.transaction() as transaction:
            row = await transaction.session.get(ReplyRow, question_id, with_for_update=True)
            if row is None or row.status != "open":
                return None
            row.tries += 1
            return _to_job(row)

    async def note_version(self, job: Job, *, message_id: UUID, version: int) -> None:
        """Note which version of which message the reply is being written into."""
        await self._change(job, message_id=message_id, version=version)

    async def close(self, job: Job) -> None:
        """Mark a round as done."""
        await self._change(job, status="done")

    async def find(self, question_id: UUID) -> Job | None:
        """Return a question's job, whatever its state."""
        async with self._database.reading() as session:
            row = await session.get(ReplyRow, question_id)
        return None if row is None else _to_job(row)

    async def find_open(self, question_id: UUID) -> Job | None:
        """Return the job of a question that is not done, without counting a try."""
        async with self._database.reading() as session:
            row = await session.get(ReplyRow, question_id)
        return None if row is None or row.status != "open" else _to_job(row)

    async def list_open(self) -> tuple[Job, ...]:
        """Return every question that is not done, oldest first."""
        statement = select(ReplyRow).where(ReplyRow.status == "open")
        statement = statement.order_by(ReplyRow.created_at, ReplyRow.question_id)
        async with self._database.reading() as session:
            return tuple(_to_job(row) for row in await session.scalars(statement))

    async def _change(self, job: Job, **values: Any) -> bool:
        statement = (
            update(ReplyRow)
            .where(ReplyRow.question_id == job.question_id, ReplyRow.round == job.round)
            .values(changed_at=self._clock.now(), **values)
        )
        async with self._database.transaction() as transaction:
            result = cast(CursorResult[Any], await transaction.session.execute(statement))
            return result.rowcount > 0


def _to_job(row: ReplyRow) -> Job:
    return Job(
        question_id=row.question_id,
        tenant_id=row.tenant_id,
        room_id=row.room_id,
        round=row.round,
        tries=row.tries,
        message_id=row.message_id,
        version=row.version,
    )
