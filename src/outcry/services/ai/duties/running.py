"""Does what is due: each duty once, by whichever process claims it; what was missed meanwhile once, and late."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select, update

from outcry.kit.clock import Clock
from outcry.kit.errors import ConflictError, NotFoundError, UnavailableError
from outcry.ports.database import Database
from outcry.services.ai.answering import DESK_ENGINE, Answerer, Progress, Written
from outcry.services.ai.audience import RoomAudience
from outcry.services.ai.duties.models import DutyRow
from outcry.services.ai.duties.store import schedule_of
from outcry.services.ai.sources import SourceLog
from outcry.services.ai.streaming import UnseenStream
from outcry.services.chat.contracts import Answer, ChatFacade

log = logging.getLogger(__name__)

PAUSE_S = 5.0
AT_ONCE = 20
# What writing and posting may take besides the model's own time; after that, whoever claimed it is gone.
_SLACK = timedelta(seconds=60)
PROMPT = "Summarise this room."
_GONE = "Whoever gave this duty is no longer in the room."


class _StoppedError(Exception):
    """The process ends while a summary is written."""


class DutyRunner:
    """Looks every few seconds for what is due."""

    def __init__(
        self, *, database: Database, chat: ChatFacade, answerer: Answerer, clock: Clock, whole_answer_s: float
    ) -> None:
        self._database = database
        self._chat = chat
        self._answerer = answerer
        self._clock = clock
        # The model server, and then the desk in its place.
        self._claimed_for = 2 * timedelta(seconds=whole_answer_s) + _SLACK
        self._task: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[Written] | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Begin; what came due while nothing ran goes first."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run(), name="duty-runner")

    async def stop(self) -> None:
        """Stop; what is being written is given up, and written anew after the next start."""
        self._stopping.set()
        if self._writing:
            self._writing.cancel()
        if self._task:
            await self._task

    async def run_due(self) -> int:
        """Do what is due now; return how many duties were done."""
        now = self._clock.now()
        free = or_(DutyRow.claimed_until.is_(None), DutyRow.claimed_until < now)
        query = select(DutyRow.id).where(DutyRow.state == "active", DutyRow.due_at <= now, free)
        async with self._database.reading() as session:
            due = list(await session.scalars(query.order_by(DutyRow.due_at, DutyRow.id).limit(AT_ONCE)))
        done = 0
        for duty_id in due:
            if self._stopping.is_set():
                break
            try:
                done += await self._do(duty_id)
            except Exception:
                # The claim runs out, then it is tried again.
                log.exception("a duty could not be done", extra={"duty_id": str(duty_id)})
        return done

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.run_due()
            except Exception:
                log.exception("duties that are due could not be looked up; trying again")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_S):
                    await self._stopping.wait()

    async def _do(self, duty_id: UUID) -> bool:
        row = await self._claim(duty_id)
        if row is None:
            return False
        covered = self._clock.now()
        try:
            await self._chat.get_room(tenant_id=row.tenant_id, room_id=row.room_id, person_id=row.made_by)
            await self._summarise(row)
        except UnavailableError:
            return False
        except _StoppedError:
            await self._settle(row, claimed_until=None)
            return False
        except NotFoundError:
            return await self._pause(row, _GONE)
        except ConflictError as error:
            return await self._pause(row, error.detail)
        return await self._settle(
            row, due_at=schedule_of(row).next_after(covered), covered_until=covered, claimed_until=None
        )

    async def _summarise(self, row: DutyRow) -> None:
        said = await self._chat.said_since(
            tenant_id=row.tenant_id, room_id=row.room_id, since=row.covered_until, limit=1
        )
        if not said and row.quiet:
            return
        written = await self._write(row) if said else _nothing(row.covered_until)
        # The time that it was due is in the id: done twice after a crash, it is posted once.
        await self._chat.post_report(
            tenant_id=row.tenant_id,
            room_id=row.room_id,
            client_id=f"duty-{row.id.hex}-{int(row.due_at.timestamp())}",
            text=written.text,
            answer=written.answer,
            read=written.read,
        )

    async def _write(self, row: DutyRow) -> Written:
        answering = self._answerer.answer(
            tenant_id=row.tenant_id,
            prompt=PROMPT,
            history=(),
            audience=RoomAudience(chat=self._chat, tenant_id=row.tenant_id, room_id=row.room_id),
            progress=Progress(stream=UnseenStream(), calls=SourceLog()),
            since=row.covered_until,
        )
        self._writing = asyncio.create_task(answering)
        try:
            return await self._writing
        except asyncio.CancelledError:
            if self._stopping.is_set():
                raise _StoppedError() from None
            raise
        finally:
            self._writing = None

    async def _claim(self, duty_id: UUID) -> DutyRow | None:
        """Return a duty that nobody else does from now on; None when somebody does, or it was changed."""
        now = self._clock.now()
        claim = (
            update(DutyRow)
            .where(DutyRow.id == duty_id, DutyRow.state == "active", DutyRow.due_at <= now)
            .where(or_(DutyRow.claimed_until.is_(None), DutyRow.claimed_until < now))
            .values(claimed_until=now + self._claimed_for)
        )
        async with self._database.transaction() as transaction:
            if cast(CursorResult[Any], await transaction.session.execute(claim)).rowcount == 0:
                return None
            return await transaction.session.get(DutyRow, duty_id)

    async def _pause(self, row: DutyRow, problem: str) -> bool:
        return await self._settle(row, state="paused", problem=problem, claimed_until=None)

    async def _settle(self, row: DutyRow, **values: Any) -> bool:
        """Write how it ended, unless somebody changed the duty meanwhile: then what they said holds."""
        settled = update(DutyRow).where(DutyRow.id == row.id, DutyRow.due_at == row.due_at, DutyRow.state == "active")
        async with self._database.transaction() as transaction:
            await transaction.session.execute(settled.values(**values))
            # A proposal that nobody said yes to is not kept.
            old = DutyRow.made_at < self._clock.now() - timedelta(days=1)
            await transaction.session.execute(delete(DutyRow).where(DutyRow.state == "proposed", old))
        return True


def _nothing(since: datetime) -> Written:
    day = since.astimezone(UTC)
    text = f"Nothing was said here since the last summary, of {day.day} {day:%B %Y}."
    return Written(status="complete", text=text, answer=Answer(engine=DESK_ENGINE))
