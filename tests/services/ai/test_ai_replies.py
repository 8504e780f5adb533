"""Replies: written once a question, through model failures, stops, retries and crashes."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest
import talib
from sqlalchemy import select

from outcry.kit.principal import Principal
from outcry.services.ai.commands import AiCommands
from outcry.services.ai.models import ReplyRow
from outcry.services.ai.queries import AiQueries
from outcry.services.chat.contracts import ChartCard
from outcry.services.chat.events import MessagePosted
from tests.adapters_support.openai_server import CallTools, Cut, Fail, Garbage, OpenaiServer, Say, Stall, Step
from tests.services.ai.conftest import Floor, RealCharts

FLAGSHIP = "What is the 14-day RSI of AAPL, and how did it do against MSFT this year?"


async def connect(floor: Floor, principal: Principal, server: OpenaiServer) -> None:
    """Set the scripted server as the organisation's model server."""
    queries = AiQueries(database=floor.databases["ai"], secrets=floor.secrets)
    commands = AiCommands(
        database=floor.databases["ai"],
        queries=queries,
        models=floor.models,
        secrets=floor.secrets,
        clock=floor.clock,
    )
    await commands.set_model_server(principal, base_url=server.base_url, model="test-model", api_key="sk-test-key")


async def test_the_desk_answers_with_true_figures(floor: Floor, real_charts: RealCharts) -> None:
    ann = await floor.new_person()
    reply = await floor.reply(ann, await floor.new_room(ann), FLAGSHIP)
    assert reply.status == "complete"
    assert reply.answer is not None
    close = {symbol: bars.close for symbol, bars in real_charts.bars.items()}
    rsi = float(talib.RSI(close["AAPL"], 14)[-1])
    sources = {source.id: source for source in reply.answer.sources}
    held = next(source for source in sources.values() if source.tool == "indicator")
    assert held.result["values"]["rsi"] == rsi
    assert f"**{rsi:.2f}**" in reply.text
    year_start = int(np.searchsorted(real_charts.bars["AAPL"].time, 1_483_228_800_000_000)) - 1
    assert f"{(close['AAPL'][-1] / close['AAPL'][year_start] - 1) * 100:.2f}%" in reply.text
    assert reply.answer.figures
    assert all(figure.verified for figure in reply.answer.figures)
    assert reply.answer.as_of is not None
    assert reply.answer.as_of.date().isoformat() == "2017-09-01"
    assert [card.compare for card in reply.answer.cards] == [False, True]
    assert isinstance(reply.answer.cards[0], ChartCard)
    assert reply.answer.cards[0].indicators == ({"name": "rsi", "parameters": {"period": 14.0}},)


async def test_follow_ups_lean_on_the_room(floor: Floor) -> None:
    ann = await floor.new_person()
    room = await floor.new_room(ann)
    await floor.reply(ann, room, "How did AAPL do in 2016?")
    reply = await floor.reply(ann, room, "and Microsoft?")
    assert "Microsoft Corporation (MSFT)" in reply.text
    assert "2016" in reply.text


async def test_a_server_calls_tools_and_its_figures_are_checked(floor: Floor, server: OpenaiServer) -> None:
    ann = await floor.new_person("platform:operate")
    await connect(floor, ann, server)
    room = await floor.new_room(ann)
    server.play(
        CallTools(("quote", {"symbols": ["AAPL"]}), ("performance", {"symbol": "AAPL", "period": "this year"})),
        Say("AAPL closed at $164.05, up 41.64% this year, and will reach $200 soon."),
    )
    reply = await floor.reply(ann, room, "Apple?")
    assert reply.answer is not None
    assert (reply.status, reply.answer.engine, reply.answer.notice) == ("complete", "test-model", "")
    shown = {reply.text[figure.start : figure.end]: figure.verified for figure in reply.answer.figures}
    assert shown == {"$164.05": True, "41.64%": True, "$200": False}
    sent = server.requests[-1].body
    assert {tool["function"]["name"] for tool in sent["tools"]} >= {"quote", "indicator", "compare"}
    assert sent["messages"][0]["role"] == "system"
    assert [message["content"] for message in sent["messages"] if message["role"] == "user"] == ["[Ann] Apple?"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((Fail(401),), "did not accept the key"),
        ((Fail(429),), "too many requests"),
        ((Fail(500),), "status 500"),
        ((Garbage(),), "cannot be understood"),
        ((Stall(),), "did not answer in time"),
        ((Cut(),), "broke the connection"),
        ((CallTools(("no_such_tool", {})),), "cannot be understood"),
        ((CallTools(("quote", "{not json")),), "cannot be understood"),
        ((CallTools(("quote", {"symbols": ["AAPL"]})),), "kept calling tools"),
        ((CallTools(("quote", {"symbols": ["AAPL"]})), Fail(503)), "status 503"),
    ],
)
async def test_when_the_server_fails_before_its_first_words_the_desk_answers(
    floor: Floor, server: OpenaiServer, steps: tuple[Step, ...], words: str
) -> None:
    ann = await floor.new_person("platform:operate")
    await connect(floor, ann, server)
    server.play(*steps)
    reply = await floor.reply(ann, await floor.new_room(ann), "RSI of AAPL")
    assert reply.answer is not None
    assert (reply.status, reply.answer.engine) == ("complete", "desk")
    assert "RSI of Apple Inc." in reply.text
    assert words in reply.answer.notice
    assert "the desk answered" in reply.answer.notice
    assert "secret" not in reply.answer.notice
    assert all(figure.verified for figure in reply.answer.figures)


@pytest.mark.parametrize("step", [Cut("The answer begins"), Stall("The answer begins")])
async def test_when_it_fails_later_what_was_written_stays(floor: Floor, server: OpenaiServer, step: Step) -> None:
    ann = await floor.new_person("platform:operate")
    await connect(floor, ann, server)
    room = await floor.new_room(ann)
    server.play(step)
    reply = await floor.reply(ann, room, "RSI of AAPL")
    assert reply.answer is not None
    assert (reply.status, reply.text, reply.answer.engine) == ("failed", "The answer begins", "test-model")
    assert "not complete" in reply.answer.notice
    server.play(Say("Now it works."))
    await floor.commands.retry_reply(ann, room, reply.id)
    again = await floor.wait(ann, room, lambda all_: all_[-1].status == "complete")
    assert (again.id, again.text) == (reply.id, "Now it works.")
    assert len(await floor.messages(ann, room)) == 2


async def test_a_reply_can_be_stopped(floor: Floor, server: OpenaiServer) -> None:
    ann = await floor.new_person("platform:operate")
    await connect(floor, ann, server)
    floor.settings.__dict__["stall_s"] = 30.0
    room = await floor.new_room(ann)
    server.play(CallTools(("quote", {"symbols": ["AAPL"]})), Stall("AAPL closed at $164.05 and then"))
    await floor.ask(ann, room, "AAPL?")
    writing = await floor.wait(ann, room, lambda all_: "and then" in all_[-1].text)
    await floor.commands.stop_reply(ann, room, writing.id)
    stopped = await floor.wait(ann, room, lambda all_: all_[-1].answer is not None)
    assert (stopped.status, stopped.text) == ("stopped", "AAPL closed at $164.05 and then")
    assert stopped.answer is not None
    assert [figure.verified for figure in stopped.answer.figures] == [True]
    async with floor.databases["ai"].reading() as session:
        assert await session.scalar(select(ReplyRow.status)) == "done"


async def test_a_crash_in_the_middle_is_resumed_as_one_reply(floor: Floor, server: OpenaiServer) -> None:
    ann = await floor.new_person("platform:operate")
    await connect(floor, ann, server)
    room = await floor.new_room(ann)
    server.play(Stall("Half an answer"))
    await floor.ask(ann, room, "AAPL?")
    half = await floor.wait(ann, room, lambda all_: all_[-1].text == "Half an answer")
    await floor.stop()
    server.play(Say("A whole answer."))
    await floor.start()
    whole = await floor.wait(ann, room, lambda all_: all_[-1].status == "complete")
    assert (whole.id, whole.text) == (half.id, "A whole answer.")
    assert whole.version > half.version
    assert len(await floor.messages(ann, room)) == 2


async def test_a_crash_after_the_end_does_not_write_it_again(floor: Floor) -> None:
    ann = await floor.new_person()
    room = await floor.new_room(ann)
    reply = await floor.reply(ann, room, "RSI of AAPL")
    await floor.stop()
    async with floor.databases["ai"].transaction() as transaction:
        row = (await transaction.session.scalars(select(ReplyRow))).one()
        row.status = "open"
    await floor.start()
    second = await floor.reply(ann, room, "RSI of KO")
    messages = await floor.messages(ann, room)
    assert [message.version for message in messages] == [1, reply.version, 1, second.version]


async def test_a_reply_that_the_chat_shows_as_streaming_is_adopted(floor: Floor) -> None:
    ann = await floor.new_person()
    room = await floor.new_room(ann)
    reply = await floor.reply(ann, room, "RSI of AAPL")
    assert reply.reply_to is not None
    await floor.stop()
    await floor.chat.begin_reply(tenant_id=ann.tenant_id, room_id=room, reply_to=reply.reply_to)
    await floor.start()
    again = await floor.wait(ann, room, lambda all_: all_[-1].status == "complete")
    assert (again.id, again.text) == (reply.id, reply.text)


async def test_an_event_that_comes_twice_is_answered_once(floor: Floor) -> None:
    ann = await floor.new_person()
    room = await floor.new_room(ann)
    await floor.stop()
    asked = await floor.ask(ann, room, "RSI of AAPL")
    waiting = await floor.databases["chat"].pending(after=0, limit=100)
    (envelope,) = [envelope for _, envelope, _ in waiting if envelope.name == MessagePosted.name]
    await floor.start()
    handler = floor.module.handlers[envelope.name]
    await asyncio.gather(handler(envelope), handler(envelope))
    reply = await floor.wait(ann, room, lambda all_: all_[-1].reply_to == asked.id and all_[-1].status == "complete")
    assert reply.version == 1
    assert len(await floor.messages(ann, room)) == 2


async def test_the_text_streams_in_pieces_that_add_up(floor: Floor, server: OpenaiServer) -> None:
    ann = await floor.new_person("platform:operate")
    await connect(floor, ann, server)
    room = await floor.new_room(ann)
    server.play(Say("one two three four five six seven eight nine ten", pause_s=0.03))
    seen: list[str] = []
    asked = await floor.ask(ann, room, "count")

    def until(messages: tuple[object, ...]) -> bool:
        newest = messages[-1]
        text = getattr(newest, "text", "")
        if getattr(newest, "reply_to", None) == asked.id and text and (not seen or seen[-1] != text):
            seen.append(text)
        return getattr(newest, "status", "") == "complete"

    reply = await floor.wait(ann, room, until)
    assert len(seen) >= 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert reply.text == "one two three four five six seven eight nine ten"
