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

from outcry.ports.models import Models
from outcry.services.ai.figures import check_figures
from outcry.services.ai.server_store import ModelServers
from outcry.services.ai.settings import AiSettings
from outcry.services.ai.sources import SourceLog
from outcry.services.ai.streaming import ReplyClosedError, ReplyStream
from outcry.services.ai.tools import Desk
from outcry.services.charts.contracts import ChartsFacade
from outcry.services.chat.contracts import Answer, Source

log = logging.getLogger(__name__)

DESK_ENGINE = "desk"
_CUT = "The answer was cut here because it had become too long."


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A whole answer."""

    status: Literal["complete", "failed"]
    text: str
    answer: Answer


class _TooLongError(Exception):
    """The model writes without end."""


class Answerer:
    """Answers questions with the organisation's model server, else with the desk model."""

    def __init__(
        self,
        *,
        agent: Agent[Desk, str],
        charts: ChartsFacade,
        models: Models,
        servers: ModelServers,
        settings: AiSettings,
    ) -> None:
        self._agent = agent
        self._charts = charts
        self._models = models
        self._servers = servers
        self._settings = settings
        self._limits = UsageLimits(request_limit=settings.most_requests, tool_calls_limit=settings.most_tool_calls)

    async def answer(
        self, *, tenant_id: UUID, prompt: str, history: Sequence[ModelMessage], stream: ReplyStream
    ) -> Written:
        """Write an answer into ``stream`` and return it whole.

        When the model server fails before its first words the desk answers, and the notice says so; later, what was
        written stays and the answer has failed. Raises ReplyClosedError when nobody waits for it any more.
        """
        server = await self._servers.find(tenant_id)
        notice = ""
        if server is not None:
            desk = self._desk(tenant_id, stream)
            try:
                model = await self._models.at(server)
                notice = await self._run(model, prompt, history, desk, stream)
                return await self._finish("complete", server.model, notice, desk.log, stream)
            except ReplyClosedError:
                raise
            except Exception as error:
                reason = self._models.explain(error)
                log.warning("a model server failed", extra={"tenant": str(tenant_id), "kind": type(error).__name__})
                if stream.text:
                    notice = f"The model server {reason}, so this answer is not complete. You can try again."
                    return await self._finish("failed", server.model, notice, desk.log, stream)
                notice = f"The model server {reason}, so the desk answered by its rules."
        desk = self._desk(tenant_id, stream)
        await self._run(self._models.desk(), prompt, history, desk, stream)
        return await self._finish("complete", DESK_ENGINE, notice, desk.log, stream)

    def _desk(self, tenant_id: UUID, stream: ReplyStream) -> Desk:
        return Desk(tenant_id=tenant_id, charts=self._charts, log=SourceLog(), on_activity=stream.show_activity)

    async def _run(
        self, model: Model, prompt: str, history: Sequence[ModelMessage], desk: Desk, stream: ReplyStream
    ) -> str:
        """Run the agent to its end; return the notice that the answer was cut, mostly empty."""
        running = self._agent.run_stream_events(
            prompt, message_history=list(history), model=model, deps=desk, usage_limits=self._limits, infer_name=False
        )
        try:
            async with asyncio.timeout(self._settings.whole_answer_s), running as events:
                await self._read(aiter(events), stream)
        except _TooLongError:
            return _CUT
        return ""

    async def _read(self, events: AsyncIterator[Any], stream: ReplyStream) -> None:
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

    def _push(self, text: str, stream: ReplyStream) -> None:
        if not text:
            return
        stream.push(text[: self._settings.most_characters - len(stream.text)])
        if len(stream.text) >= self._settings.most_characters:
            raise _TooLongError()

    async def _finish(
        self, status: Literal["complete", "failed"], engine: str, notice: str, calls: SourceLog, stream: ReplyStream
    ) -> Written:
        if not stream.text.strip():
            status, notice = "failed", notice or "The model gave an empty answer. You can try again."
        await stream.drain()
        answer = await prove(stream.text, calls, engine=engine, notice=notice)
        return Written(status=status, text=stream.text, answer=answer)


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
    )


def _is_data(source: Source) -> bool:
    return source.tool != "search_instruments" and "error" not in source.result


def _to_time(stamp: str) -> datetime | None:
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(stamp.replace("Z", "+00:00")).replace(tzinfo=UTC)
    return None
