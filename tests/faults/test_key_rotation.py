"""``outcry keys rotate`` beside a server that is used: no request fails, whenever the command is killed."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.conftest import server_settings
from tests.running import ROOT, Client, RunningServer

pytestmark = pytest.mark.fault

ROTATE = (sys.executable, "-m", "outcry", "keys", "rotate")


@pytest.fixture(params=["sqlite", "postgresql"])
def light_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    """A server whose password hashes cost little, as many are made here."""
    light = {"OUTCRY_AUTH_HASH_MEMORY_KIB": "1024", "OUTCRY_SAMPLE_MARKET": "false"}
    running = RunningServer(tmp_path / "data", **light, **server_settings(request.param, request)).start()
    yield running
    running.stop()
    # Shown by pytest when the test failed.
    print("".join(running.output))


async def rotate(server: RunningServer, *, kill_after_s: float | None = None, **extra: str) -> tuple[int, str]:
    """Run the command; return how it ended and what it said."""
    environment = {**os.environ, "OUTCRY_DATA": str(server.data), **server.environment, **extra}
    process = await asyncio.create_subprocess_exec(*ROTATE, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT)
    if kill_after_s is not None:
        try:
            await asyncio.wait_for(process.wait(), kill_after_s)
        except TimeoutError:
            process.kill()
    output, _ = await process.communicate()
    return await process.wait(), output.decode()


async def use(server: RunningServer, email: str, done: asyncio.Event) -> int:
    """Sign up, in and on, read names and post, until ``done``; return how many requests were answered well."""
    count = 0
    while not done.is_set():
        newcomer = await Client(server.url).sign_up(f"Newcomer {uuid4().hex[:6]}")
        known = await Client(server.url).sign_in(email)
        assert (await known.call("GET", "/auth/me"))["person"]["email"] == email
        room = (await newcomer.call("POST", "/rooms", {"kind": "room"}))["id"]
        await newcomer.post(room, "hello")
        again = await newcomer.http.post("/auth/refresh", headers={"X-Outcry": "1"})
        assert again.status_code == 200, again.text
        newcomer.http.headers["authorization"] = f"Bearer {again.json()['access_token']}"
        await newcomer.call("GET", "/auth/me")
        count += 7
        for person in (newcomer, known):
            await person.close()
    return count


@pytest.mark.long
async def test_no_request_fails_meanwhile_and_a_killed_one_is_finished(light_server: RunningServer) -> None:
    ada, bea = await Client(light_server.url).sign_up("Ada"), await Client(light_server.url).sign_up("Bea")
    email = ada.me["person"]["email"]
    done = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        users = [group.create_task(use(light_server, email, done)) for _ in range(3)]
        for seconds in (0.8, 1.2, 1.6, 2.0):
            await rotate(light_server, kill_after_s=seconds)
        code, output = await rotate(light_server)
        assert (code, "The master key is version" in output) == (0, True), output
        done.set()
    assert sum(user.result() for user in users) > 20
    # What the older key signed is still good, and so is all of it after a restart.
    assert (await bea.call("GET", "/auth/me"))["person"]["name"] == "Bea"
    light_server.stop()
    light_server.start()
    back = await Client(light_server.url).sign_in(email)
    assert back.me["person"]["name"] == "Ada"
    for person in (ada, bea, back):
        await person.close()


async def test_who_gives_keys_by_the_environment_is_told_which_to_set(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    key = "A" * 43 + "="
    code, output = await rotate(server, OUTCRY_SECRET_AUTH_MASTER=key)
    assert code == 1
    assert "Set OUTCRY_SECRET_AUTH_MASTER_2 to 32 new random bytes" in output
    assert not (server.data / "secrets" / "auth-master-2").exists()
