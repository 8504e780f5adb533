"""``kill -9`` in the middle of posting and of a streamed answer: nothing acknowledged is lost, nothing doubled."""

import asyncio
import contextlib
import os
import random
from typing import Any

import httpx
import pytest

from outcry.kit.ids import new_id
from tests.running import Client, RunningServer

pytestmark = pytest.mark.fault

ROUNDS = int(os.environ.get("OUTCRY_KILL_ROUNDS", "1"))
POSTS_A_ROUND = 6
QUESTION = "What is the 14-day RSI of AAPL, and how did it do against MSFT this year?"


async def post_until_killed(client: Client, room: str, acknowledged: dict[str, str], asked: set[str]) -> None:
    """Post some messages one after the other, until the server is gone; keep what it acknowledged."""
    for _ in range(POSTS_A_ROUND):
        client_id = new_id().hex
        asked.add(client_id)
        try:
            posted = await client.post(room, QUESTION, client_id)
        except httpx.HTTPError:
            return
        acknowledged[client_id] = posted["id"]
        await asyncio.sleep(random.random() / 5)


async def until_all_answered(client: Client, room: str) -> list[dict[str, Any]]:
    """Wait until no question of a room is without a finished answer; return its messages."""
    async with client.socket() as socket:
        page = await client.call("GET", f"/rooms/{room}/messages?limit=1")
        await socket.follow(f"room:{room}", epoch=page["epoch"], offset=page["offset"])
        async with asyncio.timeout(180):
            while True:
                seen = len(socket.heard.updates)
                messages = await client.history(room)
                answered = {message["reply_to"] for message in messages if message["status"] == "complete"}
                questions = {message["id"] for message in messages if message["author"]["kind"] == "person"}
                if questions <= answered:
                    return messages
                # What counts here is what the database holds; the socket only says when to look, and so does the time.
                with contextlib.suppress(TimeoutError):
                    await socket.until(lambda heard, seen=seen: len(heard.updates) > seen, within_s=5)


async def test_kill_loses_no_acknowledged_message_and_doubles_none(own_server: RunningServer) -> None:
    client = await Client(own_server.url).sign_up()
    rooms = [await client.new_conversation() for _ in range(3)]
    acknowledged: dict[str, str] = {}
    asked: set[str] = set()
    for _ in range(ROUNDS):
        posting = [asyncio.create_task(post_until_killed(client, room, acknowledged, asked)) for room in rooms]
        # A different moment each round, so that it falls into posting, into streaming and into the outbox.
        await asyncio.sleep(0.2 + random.random())
        own_server.kill()
        await asyncio.gather(*posting)
        await asyncio.to_thread(own_server.start)
    found: list[dict[str, Any]] = []
    for room in rooms:
        found += await until_all_answered(client, room)
    ids = [message["id"] for message in found]
    assert len(ids) == len(set(ids))
    by_client = [message["client_id"] for message in found if message["author"]["kind"] == "person"]
    assert len(by_client) == len(set(by_client))
    assert set(acknowledged) <= set(by_client) <= asked
    replies = [message["reply_to"] for message in found if message["author"]["kind"] == "assistant"]
    assert len(replies) == len(set(replies))
    for room in rooms:
        sequences = [message["sequence"] for message in await client.history(room)]
        assert sequences == list(range(1, len(sequences) + 1))
    await client.close()
