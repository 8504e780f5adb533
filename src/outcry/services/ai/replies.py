"""Runs replies: each open question is answered once, some at a time, through crashes, stops and retries."""

import asyncio
import contextlib
import logging
from uuid import UUID

from outcry.kit.errors import NotFoundError
from outcry.ports.database import Database
from outcry.services.ai.agent import to_history, to_prompt
from outcry.services.ai.answering import DESK_ENGINE, Answerer, Progress, prove
from outcry.services.ai.reply_store import Job, ReplyStore
from outcry.services.ai.settings import AiSettings
from outcry.services.ai.sources import SourceLog
from outcry.services.ai.streaming import ReplyClosedError, ReplyStream
from outcry.services.chat.contracts import Answer, ChatFacade, Message

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.5
_GIVEN_UP = "The answer could not be written because of an internal error. You can try again."


class Replies:
    """The running replies of this process. The table is the truth: a reply that is not done is begun again."""

    def __init__(
        self, *, database: Database, chat: ChatFacade, answerer: Answerer, store: ReplyStore, settings: AiSettings
    ) -> None:
        self._database = database
        self._chat = chat
        self._answerer = answerer
        self._store = store
        self._settings = settings
        self._places = asyncio.Semaphore(settings.most_at_once)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._progress: dict[UUID, Progress] = {}
        self._stopping = False

    async def start(self) -> None:
        """Go on with what an earlier process left."""
        self._stopping = False
        for tenant_id, message in await self._chat.unfinished_replies():
            if message.reply_to is not None:
                await self._adopt(tenant_id, message, message.reply_to)
        for question_id in await self._store.list_open():
            self.schedule(question_id)

    async def _adopt(self, tenant_id: UUID, message: Message, question_id: UUID) -> None:
        """Open the question of a reply that the chat shows as streaming although nobody writes it."""
        if question_id in await self._store.list_open():
            return
        async with self._database.transaction() as transaction:
            await self._store.queue(transaction, tenant_id=tenant_id, room_id=message.room_id, question_id=question_id)

    async def stop(self) -> None:
        """Leave running replies as they are: the next start resumes them."""
        self._stopping = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def schedule(self, question_id: UUID, *, after_s: float = 0.0) -> None:
        """Answer an open question soon; one that is being answered already is left to it."""
        if self._stopping or question_id in self._tasks:
            return
        task = asyncio.create_task(self._work(question_id, after_s), name=f"answer-{question_id}")
        self._tasks[question_id] = task
        task.add_done_callback(lambda done: self._gone(question_id, done))

    def _gone(self, question_id: UUID, task: asyncio.Task[None]) -> None:
        if self._tasks.get(question_id) is task:
            del self._tasks[question_id]

    async def cancel(self, question_id: UUID) -> Progress | None:
        """Stop answering a question at once; return how far it was."""
        task, progress = self._tasks.pop(question_id, None), self._progress.get(question_id)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
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

    async def wait_idle(self) -> None:
        """Return once nothing is being answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _work(self, question_id: UUID, after_s: float) -> None:
        await asyncio.sleep(after_s)
        async with self._places:
            job: Job | None = None
            try:
                job = await self._store.begin(question_id)
                if job is None or await self._is_over(job):
                    return
                await self._reply(job)
            except NotFoundError:
                # The room or the question is gone, and with it whoever waited.
                if job is not None:
                    await self._store.close(job)
            except Exception:
                log.exception("a reply failed and is begun again", extra={"question_id": str(question_id)})
                self._again(question_id, job)

    def _again(self, question_id: UUID, job: Job | None) -> None:
        tries = job.tries if job else 1
        self._tasks.pop(question_id, None)
        self.schedule(question_id, after_s=_FIRST_PAUSE_S * 2 ** min(tries, 6))

    async def _is_over(self, job: Job) -> bool:
        """Close a job whose reply ended just before a crash could be noted; True when there is nothing to do."""
        if job.message_id is None:
            return False
        message = await self._chat.get_message(tenant_id=job.tenant_id, message_id=job.message_id)
        if message.version != job.version or message.status == "streaming":
            return False
        await self._store.close(job)
        return True

    async def _reply(self, job: Job) -> None:
        question = await self._chat.get_message(tenant_id=job.tenant_id, message_id=job.question_id)
        reply = await self._chat.begin_reply(tenant_id=job.tenant_id, room_id=job.room_id, reply_to=job.question_id)
        await self._store.note_version(job, message_id=reply.id, version=reply.version)
        if job.tries > self._settings.most_tries:
            await self._give_up(job, reply)
            return
        stream = ReplyStream(self._chat, tenant_id=job.tenant_id, message_id=reply.id, version=reply.version)
        progress = self._progress[job.question_id] = Progress(stream=stream, calls=SourceLog())
        stream.start()
        try:
            await self._write(job, question, reply, progress)
        except ReplyClosedError:
            await self._store.close(job)
            await self._note_closed(job, reply, progress)
        finally:
            self._progress.pop(job.question_id, None)
            with contextlib.suppress(Exception):
                await stream.abandon()

    async def _note_closed(self, job: Job, reply: Message, progress: Progress) -> None:
        message = await self._chat.get_message(tenant_id=job.tenant_id, message_id=reply.id)
        if message.status == "stopped" and message.version == reply.version:
            await self._prove_stopped(job.tenant_id, reply.id, progress)

    async def _write(self, job: Job, question: Message, reply: Message, progress: Progress) -> None:
        earlier = await self._chat.recent_messages(
            tenant_id=job.tenant_id,
            room_id=job.room_id,
            before=question.sequence,
            limit=self._settings.history_messages,
        )
        written = await self._answerer.answer(
            tenant_id=job.tenant_id, prompt=to_prompt(question), history=to_history(earlier), progress=progress
        )
        await self._chat.finish_reply(
            tenant_id=job.tenant_id,
            message_id=reply.id,
            version=reply.version,
            status=written.status,
            text=written.text,
            answer=written.answer,
        )
        await self._store.close(job)

    async def _give_up(self, job: Job, reply: Message) -> None:
        await self._chat.finish_reply(
            tenant_id=job.tenant_id,
            message_id=reply.id,
            version=reply.version,
            status="failed",
            text="",
            answer=Answer(engine=DESK_ENGINE, notice=_GIVEN_UP),
        )
        await self._store.close(job)
