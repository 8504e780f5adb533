"""Runs replies: each open question is answered once, some at a time, through crashes, stops and retries."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from outcry.kit.errors import NotFoundError
from outcry.ports.database import Database
from outcry.services.ai.answering import DESK_ENGINE, Answerer, Progress, Written, prove
from outcry.services.ai.audience import RoomAudience
from outcry.services.ai.duties.commands import Duties
from outcry.services.ai.errands import DutyErrand
from outcry.services.ai.lanes import Lanes, Turn
from outcry.services.ai.reply_store import Job, ReplyStore
from outcry.services.ai.settings import AiSettings
from outcry.services.ai.sources import SourceLog
from outcry.services.ai.streaming import ReplyClosedError, ReplyStream
from outcry.services.ai.transcript import Transcripts
from outcry.services.chat.contracts import Answer, ChatFacade, Message

log = logging.getLogger(__name__)

T = TypeVar("T")
_FIRST_PAUSE_S = 0.5
_GIVEN_UP = "The answer could not be written because of an internal error. You can try again."
_TAKEN_AWAY = "The question was taken away before it was answered."
_TOO_MANY = "The Desk has {} questions of this room to answer before this one. Ask again when it has caught up."


@dataclass(slots=True)
class _Run:
    """One question being answered. Cancelling interrupts waiting and writing, never a change in a database."""

    task: asyncio.Task[None] | None = None
    interruptible: asyncio.Future[Any] | None = None
    cancelled: bool = False
    progress: Progress | None = None

    def cancel(self) -> None:
        self.cancelled = True
        if self.interruptible is not None:
            self.interruptible.cancel()

    async def until(self, work: Coroutine[object, object, T]) -> T:
        """Do something that may be interrupted; raises CancelledError when it is, or was asked for before."""
        if self.cancelled:
            work.close()
            raise asyncio.CancelledError()
        inner = asyncio.ensure_future(work)
        self.interruptible = inner
        try:
            return await inner
        finally:
            self.interruptible = None


class Replies:
    """The running replies of this process. The table is the truth: a reply that is not done is begun again.

    The questions of a room are answered one by one, so that each is read with the answers before it.
    """

    def __init__(
        self,
        *,
        database: Database,
        chat: ChatFacade,
        answerer: Answerer,
        duties: Duties,
        store: ReplyStore,
        settings: AiSettings,
    ) -> None:
        self._database = database
        self._duties = duties
        self._chat = chat
        self._answerer = answerer
        self._store = store
        self._settings = settings
        self._transcripts = Transcripts(chat=chat, settings=settings)
        self._lanes = Lanes()
        self._places = asyncio.Semaphore(settings.most_at_once)
        self._runs: dict[UUID, _Run] = {}
        self._stopping = False

    async def start(self) -> None:
        """Go on with what an earlier process left."""
        self._stopping = False
        for tenant_id, message in await self._chat.unfinished_replies():
            if message.reply_to is not None:
                await self._adopt(tenant_id, message, message.reply_to)
        for job in await self._store.list_open():
            self.schedule(job.question_id, job.room_id)

    async def _adopt(self, tenant_id: UUID, message: Message, question_id: UUID) -> None:
        """Open the question of a reply that the chat shows as streaming although nobody writes it."""
        if await self._store.find_open(question_id):
            return
        async with self._database.transaction() as transaction:
            await self._store.queue(transaction, tenant_id=tenant_id, room_id=message.room_id, question_id=question_id)
        job = await self._store.find(question_id)
        if job is not None:
            await self._store.note_version(job, message_id=message.id, version=message.version)

    async def stop(self) -> None:
        """Leave running replies as they are: the next start resumes them."""
        self._stopping = True
        await asyncio.gather(*(self.cancel(question_id) for question_id in tuple(self._runs)))

    def schedule(self, question_id: UUID, room_id: UUID, *, after_s: float = 0.0) -> None:
        """Answer an open question after those of its room that are; one that is being answered is left to it."""
        if self._stopping or question_id in self._runs:
            return
        run = self._runs[question_id] = _Run()
        run.task = asyncio.create_task(self._work(question_id, room_id, run, after_s), name=f"answer-{question_id}")

    async def cancel(self, question_id: UUID) -> Progress | None:
        """Stop answering a question, and wait until it is; return how far it was."""
        run = self._runs.get(question_id)
        if run is None or run.task is None:
            return None
        progress = run.progress
        run.cancel()
        await asyncio.gather(run.task, return_exceptions=True)
        return progress

    async def finish_stopped(self, question_id: UUID, tenant_id: UUID, message_id: UUID) -> None:
        """Give a reply that a person stopped the sources and figures of what it says, and close its round."""
        progress = await self.cancel(question_id)
        job = await self._store.find(question_id)
        if job is not None:
            await self._store.close(job)
        with contextlib.suppress(NotFoundError):
            await self._prove_stopped(tenant_id, message_id, progress)

    async def _prove_stopped(self, tenant_id: UUID, message_id: UUID, progress: Progress | None) -> None:
        """Check what a stopped reply says; one that a restart had begun anew is stopped in that version."""
        message = await self._chat.get_message(tenant_id=tenant_id, message_id=message_id)
        if message.status not in ("stopped", "streaming") or message.answer is not None:
            return
        calls = progress.calls if progress else SourceLog()
        answer = await prove(message.text, calls, engine=progress.engine if progress else DESK_ENGINE)
        await self._chat.finish_reply(
            tenant_id=tenant_id,
            message_id=message_id,
            version=message.version,
            status="stopped",
            text=message.text,
            answer=answer,
        )

    async def _work(self, question_id: UUID, room_id: UUID, run: _Run, after_s: float) -> None:
        again = 0.0
        try:
            if after_s:
                await run.until(asyncio.sleep(after_s))
            turn = self._lanes.join(room_id)
            try:
                again = await self._take_turn(question_id, run, turn)
            finally:
                self._lanes.leave(room_id, turn)
        except asyncio.CancelledError:
            log.debug("a reply was interrupted", extra={"question_id": str(question_id)})
        finally:
            self._runs.pop(question_id, None)
        if again:
            self.schedule(question_id, room_id, after_s=again)

    async def _take_turn(self, question_id: UUID, run: _Run, turn: Turn) -> float:
        if turn.ahead and not await self._let_wait(question_id, turn.ahead):
            return 0.0
        await run.until(turn.wait())
        await run.until(self._places.acquire())
        try:
            return await self._try(question_id, run)
        finally:
            self._places.release()

    async def _let_wait(self, question_id: UUID, ahead: int) -> bool:
        """Show under a question that others of its room come first; False where they are too many: it is refused."""
        try:
            job = await self._store.find_open(question_id)
            if job is None:
                return False
            reply = await self._chat.begin_reply(tenant_id=job.tenant_id, room_id=job.room_id, reply_to=question_id)
            await self._store.note_version(job, message_id=reply.id, version=reply.version)
            if ahead > self._settings.most_waiting:
                await self._give_up(job, reply, _TOO_MANY.format(ahead))
                return False
            activity = "Answers another question first" if ahead == 1 else f"Answers {ahead} other questions first"
            await self._chat.append_reply(
                tenant_id=job.tenant_id, message_id=reply.id, version=reply.version, at=0, text="", activity=activity
            )
        except NotFoundError:
            log.debug("a question that waits is gone", extra={"question_id": str(question_id)})
        except Exception:
            # It has its turn all the same; there it is found out whether it is gone, or tried again.
            log.exception("that a question waits could not be shown", extra={"question_id": str(question_id)})
        return True

    async def _try(self, question_id: UUID, run: _Run) -> float:
        """Answer a question; return after how many seconds to try it again, 0 when it is answered."""
        job: Job | None = None
        try:
            job = await self._store.begin(question_id)
            if job is not None and not await self._is_over(job):
                await self._reply(job, run)
        except NotFoundError:
            if job is not None:
                await self._leave(job)
        except Exception:
            log.exception("a reply failed and is begun again", extra={"question_id": str(question_id)})
            return float(_FIRST_PAUSE_S * 2 ** min(job.tries if job else 1, 6))
        return 0.0

    async def _leave(self, job: Job) -> None:
        """Close the job of a question that is gone, or its room; a reply that waited under it is not left waiting."""
        if job.message_id is not None:
            with contextlib.suppress(NotFoundError):
                reply = await self._chat.get_message(tenant_id=job.tenant_id, message_id=job.message_id)
                await self._give_up(job, reply, _TAKEN_AWAY)
        await self._store.close(job)

    async def _is_over(self, job: Job) -> bool:
        """Close a job whose reply ended just before a crash could be noted; True when there is nothing to do."""
        if job.message_id is None:
            return False
        message = await self._chat.get_message(tenant_id=job.tenant_id, message_id=job.message_id)
        if message.version != job.version or message.status == "streaming":
            return False
        await self._store.close(job)
        return True

    async def _reply(self, job: Job, run: _Run) -> None:
        question = await self._chat.get_message(tenant_id=job.tenant_id, message_id=job.question_id)
        reply, transcript = await asyncio.gather(
            self._chat.begin_reply(tenant_id=job.tenant_id, room_id=job.room_id, reply_to=job.question_id),
            self._transcripts.read(tenant_id=job.tenant_id, question=question),
        )
        await self._store.note_version(job, message_id=reply.id, version=reply.version)
        if job.tries > self._settings.most_tries:
            await self._give_up(job, reply, _GIVEN_UP)
            return
        stream = ReplyStream(self._chat, tenant_id=job.tenant_id, message_id=reply.id, version=reply.version)
        progress = run.progress = Progress(stream=stream, calls=SourceLog())
        stream.start()
        try:
            audience = RoomAudience(
                chat=self._chat, tenant_id=job.tenant_id, room_id=job.room_id, question_id=job.question_id
            )
            answering = self._answerer.answer(
                tenant_id=job.tenant_id,
                prompt=transcript.prompt,
                history=transcript.history,
                audience=audience,
                progress=progress,
                errand=DutyErrand(
                    duties=self._duties,
                    tenant_id=job.tenant_id,
                    room_id=job.room_id,
                    person_id=question.author.id,
                    question_id=job.question_id,
                ),
            )
            written = await run.until(answering)
            await self._finish(job, reply, written)
        except ReplyClosedError:
            await self._store.close(job)
            await self._note_closed(job, reply, progress)
        finally:
            with contextlib.suppress(Exception):
                await stream.abandon()

    async def _note_closed(self, job: Job, reply: Message, progress: Progress) -> None:
        message = await self._chat.get_message(tenant_id=job.tenant_id, message_id=reply.id)
        if message.status == "stopped" and message.version == reply.version:
            await self._prove_stopped(job.tenant_id, reply.id, progress)

    async def _finish(self, job: Job, reply: Message, written: Written) -> None:
        kept = await self._chat.finish_reply(
            tenant_id=job.tenant_id,
            message_id=reply.id,
            version=reply.version,
            status=written.status,
            text=written.text,
            answer=written.answer,
            read=written.read,
        )
        if not kept:
            raise ReplyClosedError()
        await self._store.close(job)

    async def _give_up(self, job: Job, reply: Message, notice: str) -> None:
        await self._chat.finish_reply(
            tenant_id=job.tenant_id,
            message_id=reply.id,
            version=reply.version,
            status="failed",
            text="",
            answer=Answer(engine=DESK_ENGINE, notice=notice),
        )
        await self._store.close(job)
