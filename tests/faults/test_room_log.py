"""``kill -9`` and a full disk amid posts: a room keeps its order without a hole, and whoever follows it goes on."""

import asyncio
import os
import random
import resource
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import WebSocketException

from outcry.kit.ids import new_id
from tests.running import Client, Followed, RunningServer

pytestmark = pytest.mark.fault

ROUNDS = int(os.environ.get("OUTCRY_KILL_ROUNDS", "1"))
POSTERS = 8
AT_ONCE = 30


@dataclass
class Follower:
    """Somebody who follows a room over every break, from where they were."""

    client: Client
    room: str
    epoch: str
    offset: int
    seen: list[str] = field(default_factory=list)

    async def follow(self, wanted: int | None = None) -> None:
        """Follow until the socket breaks, or until so many messages were seen."""
        async with self.client.socket() as socket:
            start = await socket.follow(f"room:{self.room}", epoch=self.epoch, offset=self.offset)
            assert (start["epoch"], start["reset"]) == (self.epoch, False)
            taken = 0

            def take(heard: Followed) -> bool:
                nonlocal taken
                self._take(heard.updates[taken:])
                taken = len(heard.updates)
                return wanted is not None and len(self.seen) >= wanted

            await socket.until(take, within_s=60)

    async def keep_following(self) -> None:
        """Follow over every break."""
        while True:
            try:
                await self.follow()
            except (OSError, httpx.HTTPError, WebSocketException):
                # The server is away; the next try is when it has said that it is ready, or a moment from now.
                await asyncio.sleep(0.05)

    def _take(self, updates: list[dict[str, Any]]) -> None:
        for update in updates:
            assert update["offset"] > self.offset, "an update came twice, or out of order"
            self.offset = update["offset"]
            if update["data"]["kind"] == "message":
                self.seen.append(update["data"]["message"]["client_id"])


async def follow_from_here(client: Client, room: str) -> Follower:
    page = await client.call("GET", f"/rooms/{room}/messages?limit=1")
    return Follower(client, room, page["epoch"], page["offset"])


async def post_until_killed(client: Client, room: str, acknowledged: set[str], asked: set[str]) -> None:
    while True:
        client_id = new_id().hex
        asked.add(client_id)
        try:
            await client.post(room, "The market is quiet.", client_id)
        except httpx.HTTPError:
            return
        acknowledged.add(client_id)


async def test_kills_leave_no_hole_and_nobody_loads_anew(own_server: RunningServer) -> None:
    client = await Client(own_server.url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    follower = await follow_from_here(client, room)
    first = follower.offset
    following = asyncio.create_task(follower.keep_following())
    acknowledged: set[str] = set()
    asked: set[str] = set()
    for _ in range(ROUNDS):
        posting = [asyncio.create_task(post_until_killed(client, room, acknowledged, asked)) for _ in range(POSTERS)]
        await asyncio.sleep(0.5 + random.random())
        own_server.kill()
        await asyncio.gather(*posting)
        await asyncio.to_thread(own_server.start)
        # What was sent and not answered is sent again by its client.
        for client_id in sorted(asked - acknowledged)[:3]:
            await client.post(room, "Again.", client_id)
            acknowledged.add(client_id)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)

    messages = await client.history(room)
    stored = [message["client_id"] for message in messages]
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored) <= asked
    assert [message["sequence"] for message in messages] == list(range(1, len(messages) + 1))
    await follower.follow(wanted=len(messages))
    # One entry a message: an offset that was given out and not committed was given out again.
    assert (follower.offset, follower.seen) == (first + len(messages), stored)
    await client.close()


async def test_a_full_disk_amid_many_posts_leaves_nothing_half_written(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data").start()
    client = await Client(server.url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    await client.post(room, "before")
    follower = await follow_from_here(client, room)
    client_ids = [new_id().hex for _ in range(AT_ONCE)]

    async def try_to_post(client_id: str) -> httpx.Response:
        return await client.http.post(f"/rooms/{room}/messages", json={"text": "hello", "client_id": client_id})

    soft, hard = resource.prlimit(server.process_id, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process_id, resource.RLIMIT_FSIZE, (1, hard))
    refused = await asyncio.gather(*(try_to_post(client_id) for client_id in client_ids))
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(503, "unavailable")}
    resource.prlimit(server.process_id, resource.RLIMIT_FSIZE, (soft, hard))
    assert len(await client.history(room)) == 1
    # The same again, by the same ids: as their clients do.
    again = await asyncio.gather(*(try_to_post(client_id) for client_id in client_ids))
    for answer in again:
        # A connection that failed is left at its next use.
        assert answer.status_code in (201, 503), answer.text
    posted = [client_id for client_id, answer in zip(client_ids, again, strict=True) if answer.status_code == 201]
    await client.post(room, "last", last := new_id().hex)
    server.kill()
    server.start()
    stored = [message["client_id"] for message in await client.history(room)][1:]
    assert sorted(stored) == sorted([*posted, last])
    before = follower.offset
    await follower.follow(wanted=len(stored))
    assert (follower.offset, follower.seen) == (before + len(stored), stored)
    await client.close()
    server.stop()
