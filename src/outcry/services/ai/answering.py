"""Writes one answer: runs the agent, streams its text, and proves its figures."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic_ai import Agent, FunctionToolCallEvent, FunctionToolResultEvent
from pydantic_ai.messages import ModelMessage, PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta
from pydantic_ai.models import Model
from pydantic_ai.usage import UsageLimits

from outcry.kit.clock import Clock
from outcry.ports.models import Models, ModelServer
from outcry.services.ai.audience import Audience
from outcry.services.ai.errands import NO_ERRAND, Errand
from outcry.services.ai.errors import KeyUnreadableError
from outcry.services.ai.figures import check_figures
from outcry.services.ai.queries import AiQueries
from outcry.services.ai.settings import AiSettings
from outcry.services.ai.sources import SourceLog
from outcry.services.ai.streaming import AnswerStream, ReplyClosedError
from outcry.services.ai.tools import Desk
from outcry.services.charts.contracts import ChartsFacade
from outcry.services.chat.contracts import Answer, Source

log = logging.getLogger(__name__)

DESK_ENGINE = "desk"
_CUT = "The answer was cut here because it had become too long."


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A whole answer; ``read`` are messages that it was made of."""

    status: Literal["complete", "failed"]
    text: str
    answer: Answer
    read: tuple[UUID, ...] = ()


@dataclass(slots=True)
class Progress:
    """An answer while it is written: who writes it, what was written, and what it was told by tools."""

    stream: AnswerStream
    calls: SourceLog
    engine: str = DESK_ENGINE


class _TooLongError(Exception):
    """The model writes without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One question to answer."""

    tenant_id: UUID
    prompt: str
    history: Sequence[ModelMessage]
    audience: Audience
    progress: Progress
    errand: Errand
    since: datetime | None


class Answerer:
    """Answers questions with the organisation's model server, else with the desk model."""

    def __init__(
        self,
        *,
        agent: Agent[Desk, str],
        charts: ChartsFacade,
        models: Models,
        queries: AiQueries,
        clock: Clock,
        settings: AiSettings,
    ) -> None:
        self._agent = agent
        self._clock = clock
        self._charts = charts
        self._models = models
        self._queries = queries
        self._settings = settings
        self._limits = UsageLimits(request_limit=settings.most_requests, tool_calls_limit=settings.most_tool_calls)

    async def answer(
        self,
        *,
        tenant_id: UUID,
        prompt: str,
        history: Sequence[ModelMessage],
        audience: Audience,
        progress: Progress,
        errand: Errand = NO_ERRAND,
        since: datetime | None = None,
    ) -> Written:
        """Write an answer into the progress's stream and return it whole.

        When the model server fails before its first words the desk answers, and the notice says so; later, what was
        written stays and the answer has failed. Raises ReplyClosedError when nobody waits for it any more.
        """
        run = _Run(
            tenant_id=tenant_id,
            prompt=prompt,
            history=history,
            audience=audience,
            progress=progress,
            errand=errand,
            since=since,
        )
        notice = ""
        server = await self._find_server(run)
        if isinstance(server, str):
            notice = server
        elif server is not None:
            try:
                progress.engine = server.model
                return await self._finish(run, notice=await self._run(await self._models.at(server), run))
            except ReplyClosedError:
                raise
            except Exception as error:
                notice = self._note_failure(error, run)
            if progress.stream.text:
                return await self._finish(run, notice=f"{notice}, so this answer is not complete.", failed=True)
            notice = f"{notice}, so the desk answered by its rules."
        progress.engine = DESK_ENGINE
        await self._run(self._models.desk(), run)
        return await self._finish(run, notice=notice)

    async def _find_server(self, run: _Run) -> ModelServer | str | None:
        """The organisation's server, None without one, or the notice that its key cannot be read."""
        try:
            return await self._queries.find_model_server(run.tenant_id)
        except KeyUnreadableError as error:
            return f"{error.detail}. The desk answered by its rules."

    def _note_failure(self, error: Exception, run: _Run) -> str:
        log.warning("a model server failed: %s", type(error).__name__, extra={"tenant_id": str(run.tenant_id)})
        return f"The model server {self._models.explain(error)}"

    async def _run(self, model: Model, run: _Run) -> str:
        """Run the agent to its end; return the notice that the answer was cut, mostly empty."""
        calls = run.progress.calls = SourceLog()
        stream = run.progress.stream
        desk = Desk(
            tenant_id=run.tenant_id,
            charts=self._charts,
            audience=run.audience,
            errand=run.errand,
            clock=self._clock,
            since=run.since,
            log=calls,
            on_activity=stream.show_activity,
        )
        running = self._agent.run_stream_events(
            run.prompt,
            message_history=list(run.history),
            model=model,
            deps=desk,
            usage_limits=self._limits,
            infer_name=False,
        )
        try:
            async with asyncio.timeout(self._settings.whole_answer_s), running as events:
                await self._read(aiter(events), stream)
        except _TooLongError:
            return _CUT
        return ""

    async def _read(self, events: AsyncIterator[Any], stream: AnswerStream) -> None:
        """Push the text of each event. A new text after others (words between tool calls) becomes a new paragraph."""
        patience = self._settings.first_token_s
        while True:
            async with asyncio.timeout(patience):
                event = await anext(events, None)
            if event is None:
                return
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                gap = "\n\n" if stream.text.strip() and not stream.text.endswith("\n\n") else ""
                self._push(gap + event.part.content if event.part.content else "", stream)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                self._push(event.delta.content_delta, stream)
            # Tools read our own engines; after their results the model has its full time again.
            waits = isinstance(event, FunctionToolCallEvent | FunctionToolResultEvent)
            patience = self._settings.first_token_s if waits else self._settings.stall_s

    def _push(self, text: str, stream: AnswerStream) -> None:
        if not text:
            return
        stream.push(text[: self._settings.most_characters - len(stream.text)])
        if len(stream.text) >= self._settings.most_characters:
            raise _TooLongError()

    async def _finish(self, run: _Run, *, notice: str, failed: bool = False) -> Written:
        stream, progress = run.progress.stream, run.progress
        if not stream.text.strip():
            failed, notice = True, notice or "The model gave an empty answer. You can try again."
        await stream.drain()
        answer = await prove(stream.text, progress.calls, engine=progress.engine, notice=notice)
        status: Literal["complete", "failed"] = "failed" if failed else "complete"
        return Written(status=status, text=stream.text, answer=answer, read=progress.calls.read)


async def prove(text: str, calls: SourceLog, *, engine: str, notice: str = "") -> Answer:
    """Return what belongs to an answer's text: its figures traced, and the sources that it leans on."""
    sources = calls.sources
    figures = await asyncio.to_thread(check_figures, text, sources)
    cited = {figure.source_id for figure in figures}
    return Answer(
        engine=engine,
        notice=notice,
        as_of=_to_time(calls.as_of),
        sources=tuple(source for source in sources if source.id in cited or _is_data(source)),
        figures=figures,
        cards=calls.cards[:4],
        messages=calls.quoted,
    )


def _is_data(source: Source) -> bool:
    return source.tool != "search_instruments" and "error" not in source.result


def _to_time(stamp: str) -> datetime | None:
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(stamp.replace("Z", "+00:00")).replace(tzinfo=UTC)
    return None
