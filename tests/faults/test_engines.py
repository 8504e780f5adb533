"""A full disk and a dead database: a clear 503, nothing acknowledged is lost, and it goes on when they are back."""

import resource
from pathlib import Path

import httpx
import pytest

from outcry.kit.ids import new_id
from tests.conftest import PostgresqlServer
from tests.running import Client, RunningServer

pytestmark = pytest.mark.fault


async def try_to_post(client: Client, room: str) -> httpx.Response:
    """Post without expecting that it works."""
    return await client.http.post(f"/rooms/{room}/messages", json={"text": "hello", "client_id": new_id().hex})


async def until_posted(client: Client, room: str) -> str:
    """Post until it works again: broken connections are dropped one by one. Return the message's id."""
    for _ in range(20):
        response = await try_to_post(client, room)
        if response.status_code == 201:
            return str(response.json()["id"])
        assert response.status_code == 503, response.text
    raise AssertionError("the database is back and the server did not notice")


async def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data").start()
    client = await Client(server.url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "room"}))["id"]
    posted = [await until_posted(client, room)]
    soft, hard = resource.prlimit(server.process_id, resource.RLIMIT_FSIZE)
    # No file may grow or be written past its first byte: what a write meets on a disk without room.
    resource.prlimit(server.process_id, resource.RLIMIT_FSIZE, (1, hard))
    refused = [await try_to_post(client, room) for _ in range(5)]
    for response in refused:
        assert response.status_code == 503, response.text
        assert response.json()["code"] == "unavailable"
    resource.prlimit(server.process_id, resource.RLIMIT_FSIZE, (soft, hard))
    posted.append(await until_posted(client, room))
    server.kill()
    server.start()
    assert [message["id"] for message in await client.history(room)] == posted
    await client.close()
    server.stop()


async def test_a_dead_database_is_503_and_comes_back(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", OUTCRY_DATABASE=postgresql_server.new_database()).start()
    client = await Client(server.url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "room"}))["id"]
    posted = [await until_posted(client, room)]
    postgresql_server.stop()
    try:
        response = await try_to_post(client, room)
        assert response.status_code == 503, response.text
        ready = await client.http.get(server.url + "/readyz")
        assert ready.status_code == 503
    finally:
        postgresql_server.start()
    posted.append(await until_posted(client, room))
    assert [message["id"] for message in await client.history(room)] == posted
    await client.close()
    assert server.stop() == 0
