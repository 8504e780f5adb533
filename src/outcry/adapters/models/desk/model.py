"""The desk model: a pydantic-ai model that reads, looks up and writes by rules. It sees messages and tools only."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from outcry.adapters.models.desk import planning, writing
from outcry.adapters.models.desk.planning import Lookup
from outcry.adapters.models.desk.reading import Question, read_question
from outcry.adapters.models.desk.rooms import read_room_question, room_step

# How a person is named before their message, as the service writes it.
_SPEAKER = re.compile(r"^\[[^\]\n]{1,100}\]\s+")
# Whom it calls: the AI, everybody, or a person as the service names them. None of them is an instrument.
_CALLED = re.compile(r"(?<![\w@./-])@(?:\[[^\]\n]{1,100}\]|(?:desk|here)\b(?!@))[,:]?[^\S\n]*", re.IGNORECASE)
_PIECE = re.compile(r"\S+\s*|\s+")
_CONTEXT_TURNS = 3
_LIST_LIMIT = 25


@dataclass(slots=True)
class _Conversation:
    """What the messages say: the questions of people, oldest first, and the calls made for the last one."""

    questions: list[str] = field(default_factory=list)
    calls: list[tuple[Lookup, dict[str, Any]]] = field(default_factory=list)


def make_desk_model() -> FunctionModel:
    """Return the desk model; it holds no state and serves any number of runs at once."""
    return FunctionModel(stream_function=_respond, model_name="desk")


async def _respond(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    step = _next_step(_read(messages), {tool.name for tool in info.function_tools})
    if isinstance(step, str):
        for piece in _PIECE.findall(step):
            yield piece
        return
    yield {
        index: DeltaToolCall(name=call.tool, json_args=json.dumps(call.arguments), tool_call_id=f"desk-{index}")
        for index, call in enumerate(step)
    }


def _read(messages: Sequence[ModelMessage]) -> _Conversation:
    conversation = _Conversation()
    asked: dict[str, Lookup] = {}
    for message in messages:
        if isinstance(message, ModelRequest):
            for part in message.parts:
                if isinstance(part, UserPromptPart) and isinstance(part.content, str):
                    conversation.questions.append(_CALLED.sub("", _SPEAKER.sub("", part.content)))
                    conversation.calls.clear()
                elif isinstance(part, ToolReturnPart) and part.tool_call_id in asked:
                    conversation.calls.append((asked[part.tool_call_id], _as_result(part)))
        elif isinstance(message, ModelResponse):
            for answer in message.parts:
                if isinstance(answer, ToolCallPart):
                    asked[answer.tool_call_id] = Lookup(tool=answer.tool_name, arguments=answer.args_as_dict())
    return conversation


def _as_result(part: ToolReturnPart) -> dict[str, Any]:
    content = part.content
    if isinstance(content, dict):
        return content
    return {"error": "A tool answered with something that I cannot read."}


def _next_step(conversation: _Conversation, tools: set[str]) -> str | list[Lookup]:
    """The calls to make next or, when nothing is missing, the answer."""
    if not conversation.questions:
        return writing.UNCLEAR
    asked = read_room_question(conversation.questions[-1])
    if asked is not None and asked.tool in tools:
        return room_step(asked, conversation.calls)
    current = read_question(conversation.questions[-1])
    if current.topic == "list":
        return _list_step(conversation, tools)
    if current.topic != "market":
        return writing.TOPICS[current.topic]
    if not current.clauses:
        return writing.UNCLEAR
    return _market_step(_with_context(current, conversation.questions[:-1]), conversation, tools)


def _list_step(conversation: _Conversation, tools: set[str]) -> str | list[Lookup]:
    done = [result for call, result in conversation.calls if call.tool == "search_instruments"]
    if done or "search_instruments" not in tools:
        return writing.write_list(done[0] if done else {})
    return [Lookup(tool="search_instruments", arguments={"query": "", "limit": _LIST_LIMIT})]


def _with_context(current: Question, earlier: Sequence[str]) -> list[Question]:
    if not planning.leans(current):
        return [current]
    before = [read_question(text) for text in earlier[-_CONTEXT_TURNS:]]
    return [*(question for question in before if question.topic == "market"), current]


def _market_step(questions: list[Question], conversation: _Conversation, tools: set[str]) -> str | list[Lookup]:
    searches = {
        call.arguments.get("query", ""): result
        for call, result in conversation.calls
        if call.tool == "search_instruments"
    }
    missing = [phrase for phrase in planning.wanted_searches(questions) if phrase not in searches]
    if missing and "search_instruments" in tools:
        return [Lookup(tool="search_instruments", arguments={"query": phrase, "limit": 5}) for phrase in missing]
    parts = planning.plan(questions, searches)
    done = [call for call, _ in conversation.calls]
    calls: list[Lookup] = []
    for part in parts:
        calls += [call for call in part.lookups if call not in done and call not in calls and call.tool in tools]
    if calls:
        return calls
    return writing.write_answer(parts, conversation.calls, planning.near_matches(searches))
