"""The main job over the API: sign up, ask, get an answer whose figures are true, come back."""

import asyncio
from typing import Any

import numpy as np
import pytest
import talib

from tests.running import Client, RunningServer, find_answer

QUESTION = "What is the 14-day RSI of AAPL, and how did it do against MSFT this year?"


def at_pointer(document: Any, pointer: str) -> Any:
    """Follow a JSON pointer."""
    for part in pointer.lstrip("/").split("/"):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def shown_value(answer: dict[str, Any], tool: str, key: str) -> float:
    """Return a value of an answer's source by its tool and key."""
    source = next(source for source in answer["answer"]["sources"] if source["tool"] == tool)
    return float(source["result"][key])


async def test_the_rsi_in_the_answer_is_talibs(client: Client) -> None:
    room = await client.new_conversation()
    answer = await client.ask(room, QUESTION)
    assert answer["status"] == "complete", answer
    bars = await client.call("GET", "/instruments/AAPL/bars?timeframe=1d&limit=5000")
    expected = talib.RSI(np.array(bars["close"]), 14)[-1]
    figures = answer["answer"]["figures"]
    sources = {source["id"]: source for source in answer["answer"]["sources"]}
    assert figures
    assert all(figure["source_id"] for figure in figures), answer
    values = []
    for figure in figures:
        source = sources[figure["source_id"]]
        if figure["path"].startswith("#/arguments"):
            at_pointer(source["arguments"], figure["path"].removeprefix("#/arguments"))
        else:
            values.append(
                (answer["text"][figure["start"] : figure["end"]], at_pointer(source["result"], figure["path"]))
            )
    assert any(isinstance(value, float) and value == pytest.approx(expected, abs=1e-9) for _, value in values)
    assert f"{expected:.2f}" in answer["text"] or f"{expected:.1f}" in answer["text"]
    assert "MSFT" in answer["text"]
    assert answer["answer"]["cards"]
    assert answer["answer"]["as_of"].startswith("2017-09-01")


async def test_the_comparison_counts_from_the_newest_bar(client: Client) -> None:
    room = await client.new_conversation()
    answer = await client.ask(room, "How did AAPL do against MSFT this year?")
    for symbol in ("AAPL", "MSFT"):
        bars = await client.call("GET", f"/instruments/{symbol}/bars?timeframe=1d&end=2017-09-02T00:00:00Z&limit=300")
        closes = dict(zip(bars["time"], bars["close"], strict=True))
        first = closes[max(time for time in closes if time < 1_483_228_800_000)]
        change = (bars["close"][-1] / first - 1) * 100
        assert f"{abs(change):.2f}" in answer["text"] or f"{abs(change):.1f}" in answer["text"], answer["text"]


async def test_a_follow_up_leans_on_the_last_question(client: Client) -> None:
    room = await client.new_conversation()
    await client.ask(room, "What is the 14-day RSI of AAPL?")
    answer = await client.ask(room, "and MSFT?")
    assert "MSFT" in answer["text"]
    assert "RSI" in answer["text"]


@pytest.mark.parametrize(
    "question",
    ["What is the RSI of ZZZQQ?", "How did AAPL do in 1975?", "Will AAPL rise tomorrow?", "Write me a poem", "?", "💥"],
)
async def test_what_cannot_be_known_gets_a_plain_sentence(client: Client, question: str) -> None:
    room = await client.new_conversation()
    answer = await client.ask(room, question)
    assert answer["status"] == "complete"
    assert len(answer["text"]) > 20
    assert all(figure["source_id"] for figure in answer["answer"]["figures"]), answer


async def test_everything_is_there_after_signing_in_again(server: RunningServer, client: Client) -> None:
    room = await client.new_conversation()
    answer = await client.ask(room, QUESTION)
    client.http.headers["x-outcry"] = "1"
    await client.call("POST", "/auth/sign-out", status=204)
    await client.call("GET", "/rooms", status=401)
    again = await Client(server.url).sign_in(client.me["person"]["email"])
    found = await again.history(room)
    assert [message["id"] for message in found][-1] == answer["id"]
    assert found[-1] == answer
    rooms = await again.call("GET", "/rooms")
    assert [item["id"] for item in rooms["items"]] == [room]
    await again.close()


async def test_a_second_device_sees_the_same_stream(server: RunningServer, client: Client) -> None:
    room = await client.new_conversation()
    other = await Client(server.url).sign_in(client.me["person"]["email"])
    async with client.socket() as one, other.socket() as two:
        page = await client.call("GET", f"/rooms/{room}/messages")
        for socket in (one, two):
            await socket.follow(f"room:{room}", epoch=page["epoch"], offset=page["offset"])
        posted = await client.post(room, QUESTION)
        first = await one.until(lambda heard: find_answer(heard, posted["id"]))
        second = await two.until(lambda heard: find_answer(heard, posted["id"]))
        assert first == second
        assert one.heard.updates == two.heard.updates
        deltas = "".join(update["data"]["text"] for update in one.heard.updates if update["data"]["kind"] == "delta")
        assert deltas == first["text"]
    await other.close()


async def test_a_client_that_lost_its_socket_misses_nothing(client: Client) -> None:
    room = await client.new_conversation()
    async with client.socket() as before:
        page = await client.call("GET", f"/rooms/{room}/messages")
        await before.follow(f"room:{room}", epoch=page["epoch"], offset=page["offset"])
        await client.post(room, "hello")
        await before.until(lambda heard: heard.updates)
    left = before.heard.updates[-1]
    answers = await asyncio.gather(*(client.post(room, f"while away {n}") for n in range(5)))
    async with client.socket() as after:
        answer = await after.follow(f"room:{room}", epoch=page["epoch"], offset=left["offset"])
        assert answer["reset"] is False
        wanted = {message["id"] for message in answers}

        def all_seen(heard: Any) -> bool:
            seen = {update["data"]["message"]["id"] for update in heard.updates if update["data"]["kind"] == "message"}
            return wanted <= seen

        await after.until(all_seen)
        offsets = [update["offset"] for update in after.heard.updates]
        assert offsets == list(range(left["offset"] + 1, left["offset"] + 1 + len(offsets)))


async def test_the_last_bar_moves_while_the_replay_runs(client: Client) -> None:
    await client.call("PUT", "/replay", {"running": True, "speed": 4800})
    async with client.socket() as socket:
        answer = await socket.follow("quotes:AAPL")
        assert answer["type"] == "subscribed"

        def moved(heard: Any) -> bool:
            return len({update["data"]["close"] for update in heard.updates}) >= 3

        await socket.until(moved)
        newest = socket.heard.updates[-1]["data"]
        assert newest["symbol"] == "AAPL"
        assert newest["replayed"] is True
        assert newest["low"] <= newest["close"] <= newest["high"]
    assert (await client.call("PUT", "/replay", {"running": False, "speed": 4800}))["running"] is False
