"""Keys and what happens between a request and its answer: ``kill -9``, and a second server on the database."""

import asyncio
import os
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import PostgresqlServer
from tests.faults.test_audit import until
from tests.running import Client, RunningServer

pytestmark = pytest.mark.fault

ROUNDS = int(os.environ.get("OUTCRY_KILL_ROUNDS", "1"))
KEYS_A_ROUND = 24
RACES = 20


@asynccontextmanager
async def rooms_locked(server: RunningServer) -> AsyncIterator[None]:
    """Let nobody write a room meanwhile."""
    dsn = server.environment.get("OUTCRY_DATABASE")
    if dsn is None:
        file = sqlite3.connect(server.data / "databases" / "chat.sqlite", isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        yield
        file.execute("ROLLBACK")
        file.close()
        return
    connection = await asyncpg.connect(dsn)
    async with connection.transaction():
        await connection.execute("LOCK TABLE chat.room IN EXCLUSIVE MODE")
        yield
    await connection.close()


async def make_room(client: Client, key: str) -> httpx.Response:
    """Make a room that is named as its key."""
    headers = {"idempotency-key": key}
    return await client.http.post("/rooms", json={"kind": "room", "title": key}, headers=headers)


async def rooms_of(client: Client) -> dict[str, list[str]]:
    """Return the ids of the rooms of each title."""
    found: dict[str, list[str]] = {}
    cursor = ""
    while True:
        page = await client.call("GET", f"/rooms?limit=200{cursor}")
        for room in page["items"]:
            found.setdefault(room["title"], []).append(room["id"])
        if not page["next_cursor"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def again(client: Client) -> None:
    """Let go of the connections of before a kill."""
    old, headers = client.http, client.http.headers
    client.http = httpx.AsyncClient(base_url=old.base_url, timeout=30, headers=headers, cookies=old.cookies)
    await old.aclose()


@pytest.mark.long
async def test_what_a_kill_interrupted_is_not_done_again(own_server: RunningServer) -> None:
    own_server.stop()
    own_server.environment |= {"OUTCRY_EDGE_REQUEST_SECONDS": "5"}
    await asyncio.to_thread(own_server.start)
    client = await Client(own_server.url).sign_up()
    async with rooms_locked(own_server):
        both = [asyncio.create_task(make_room(client, "cut")) for _ in range(2)]
        done, waiting = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        # One of the two runs, and waits for the lock; so the other is told that.
        first = done.pop().result()
        assert (first.status_code, first.json()["code"]) == (409, "idempotency_in_progress")
        own_server.kill()
        with pytest.raises(httpx.TransportError):
            await waiting.pop()
    await asyncio.to_thread(own_server.start)
    await again(client)

    async def known() -> dict[str, Any] | None:
        answer = await make_room(client, "cut")
        assert answer.status_code == 409, answer.text
        problem: dict[str, Any] = answer.json()
        return problem if problem["code"] != "idempotency_in_progress" else None

    # On PostgreSQL another process may be at it, for as long as a request may take.
    if "OUTCRY_DATABASE" in own_server.environment:
        problem = await until(known)
    else:
        problem = await known() or {}
    assert problem["code"] == "outcome_unknown"
    assert "cut" not in await rooms_of(client)
    assert (await make_room(client, "new key")).status_code == 201
    await client.close()


async def make_rooms_until_killed(client: Client, keys: list[str], acknowledged: dict[str, str]) -> None:
    for key in keys:
        try:
            answer = await make_room(client, key)
        except httpx.HTTPError:
            return
        assert answer.status_code == 201, answer.text
        acknowledged[key] = answer.json()["id"]


async def test_kill_at_random_does_nothing_twice(own_server: RunningServer) -> None:
    client = await Client(own_server.url).sign_up()
    acknowledged: dict[str, str] = {}
    every: list[str] = []
    for round_ in range(ROUNDS):
        keys = [f"room {round_} {number}" for number in range(KEYS_A_ROUND)]
        every += keys
        making = [
            asyncio.create_task(make_rooms_until_killed(client, keys[part::4], acknowledged)) for part in range(4)
        ]
        # A different moment each round: before the act, in it, and between it and its answer.
        await asyncio.sleep(random.random() / 3)
        own_server.kill()
        await asyncio.gather(*making)
        await asyncio.to_thread(own_server.start)
        await again(client)
    answers = {key: await make_room(client, key) for key in every}
    rooms = await rooms_of(client)
    assert {key: ids for key, ids in rooms.items() if len(ids) > 1} == {}
    for key, room in acknowledged.items():
        assert answers[key].status_code == 201, answers[key].text
        assert answers[key].headers["idempotency-replayed"] == "true"
        assert answers[key].json()["id"] == room == rooms[key][0]
    open_ends = [answer for answer in answers.values() if answer.status_code != 201]
    assert {answer.json()["code"] for answer in open_ends} <= {"outcome_unknown", "idempotency_in_progress"}
    assert len(open_ends) <= 4 * ROUNDS
    await client.close()


async def test_of_two_servers_that_race_one_does_it(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    dsn = postgresql_server.new_database()
    one = await asyncio.to_thread(RunningServer(tmp_path / "one", OUTCRY_DATABASE=dsn).start)
    shutil.copytree(one.data / "secrets", tmp_path / "two" / "secrets")
    two = await asyncio.to_thread(RunningServer(tmp_path / "two", OUTCRY_DATABASE=dsn).start)
    here = await Client(one.url).sign_up()
    there = Client(two.url)
    there.http.headers["authorization"] = here.http.headers["authorization"]
    for number in range(RACES):
        key = f"race {number}"
        answers = await asyncio.gather(*(make_room(client, key) for client in (here, there, here, there)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        afterwards = [await make_room(client, key) for client in (here, there)]
        ids = {answer.json()["id"] for answer in (*answers, *afterwards) if answer.status_code == 201}
        assert len(ids) == 1
        assert [answer.headers.get("idempotency-replayed") for answer in afterwards] == ["true", "true"]
    rooms = await rooms_of(here)
    assert {key: len(ids) for key, ids in rooms.items()} == {f"race {number}": 1 for number in range(RACES)}
    for client in (here, there):
        await client.close()
    for server in (one, two):
        assert server.stop() == 0
