"""Many people talk in several rooms while servers, sockets and clients die: at the end everybody shows what is stored.

``make chaos`` runs it for five minutes on each engine. The decisions of each part come from a seed, which is printed:
``OUTCRY_CHAOS_SEED=7 OUTCRY_CHAOS_SECONDS=60 pytest tests/faults/test_chaos.py`` repeats them.
"""

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from outcry.client.client import OutcryClient
from outcry.client.outbox import Outbox
from outcry.services.chat.contracts import ASSISTANT_ID
from tests.e2e.conftest import server_settings
from tests.e2e.test_organisations import bring_in
from tests.faults.device import Account, Device, World, load_screen
from tests.faults.rough_network import RoughNetwork
from tests.running import Client, RunningServer
from tests.services.chat.screen import Screen

pytestmark = pytest.mark.fault

SEED = os.environ.get("OUTCRY_CHAOS_SEED", "") or secrets.token_hex(4)
SECONDS = float(os.environ.get("OUTCRY_CHAOS_SECONDS", "60"))
SETTLED_WITHIN_S = 120


@dataclass
class Size:
    """How much happens."""

    people: int
    devices: int
    rooms: int
    seconds: float
    # Between two ends of the server, and of a device: at most.
    server_lives_s: float
    device_lives_s: float
    # Between two acts of a device, on the average.
    pace_s: float


async def gather_people(server: RunningServer, count: int) -> list[Client]:
    """Return people of one organisation."""
    owner = await Client(server.url).sign_up("Ada")
    await owner.call("PUT", "/auth/organisation/plan", {"plan": "desk"})
    others = [await bring_in(server, owner, "member") for _ in range(count - 1)]
    return [owner, *others]


async def make_rooms(people: list[Client], count: int) -> tuple[list[str], str]:
    """Return private rooms with everybody in them, in the first also the AI; and an open one."""
    owner, everybody = people[0], [person.me["person"]["id"] for person in people[1:]]
    rooms: list[str] = []
    for kind in ["private"] * count + ["open"]:
        made = await owner.call("POST", "/rooms", {"kind": kind, "title": "Floor"})
        for person_id in [*everybody, *([] if rooms else [str(ASSISTANT_ID)])]:
            await owner.call("POST", f"/rooms/{made['id']}/members", {"person_id": person_id})
        rooms.append(made["id"])
    return rooms[:-1], rooms[-1]


def make_devices(world: World, people: list[Client], size: Size, folder: Path) -> list[Device]:
    """Return devices that follow two rooms each, and of those who stay in the lobby that one as well."""
    accounts = [Account(person.me["person"]["id"], person.token) for person in people]
    # Those who come and go.
    world.floaters = {account.person_id for account in accounts[: -len(accounts) // 3 : -1]}
    devices = []
    for number in range(size.devices):
        account, draw = accounts[number % len(accounts)], Random(f"{SEED}/device/{number}")
        lobby = [] if account.person_id in world.floaters else [world.lobby]
        path = folder / f"device{number:02d}"
        devices.append(Device(world, account, rooms=draw.sample(world.rooms, 2) + lobby, path=path, draw=draw))
    return devices


async def end_servers(server: RunningServer, size: Size, ends: Counter[str]) -> None:
    """Kill the server, or stop it as an operator would, and start it again, until the time is over."""
    draw, loop = Random(f"{SEED}/server"), asyncio.get_running_loop()
    end = loop.time() + size.seconds
    while True:
        await asyncio.sleep((0.5 + draw.random() / 2) * size.server_lives_s)
        if loop.time() > end:
            return
        how = draw.choice(("kill", "kill", "stop"))
        ends[how] += 1
        if how == "kill":
            await asyncio.to_thread(server.kill)
        else:
            assert await asyncio.to_thread(server.stop) == 0, "it did not stop well"
        await asyncio.to_thread(server.start)


async def end_devices(device: Device, size: Size, ends: Counter[str]) -> None:
    """Let a device live, die and live again, until the time is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + size.seconds
    while (left := end - loop.time()) > 0:
        life = min(left, device.draw.uniform(0.3, 1) * size.device_lives_s)
        await device.act(life, pace_s=size.pace_s)
        if device.draw.random() < 0.7 and loop.time() < end:
            ends["device"] += 1
            await device.die()
            await device.begin()


async def until_answers_end(device: Device, room: str) -> None:
    """Wait until nothing is being written in a room."""
    view = device.views[room]
    while any(message["status"] == "streaming" for message in view.screen.messages.values()):
        view.changed.clear()
        await view.changed.wait()


async def read_all(url: str, person: Client, rooms: list[str]) -> dict[str, Screen]:
    """Return what is stored."""
    async with OutcryClient(url, token=person.token) as client:
        return {room: await load_screen(client, room) for room in rooms}


async def settle(server: RunningServer, people: list[Client], devices: list[Device], world: World) -> dict[str, Screen]:
    """Wait until nothing is under way and everybody shows all there is; return what is stored."""
    await asyncio.gather(*(device.settle() for device in devices))
    rooms = [*world.rooms, world.lobby]
    first = next((device for device in devices if rooms[0] in device.rooms), None)
    if first:
        await until_answers_end(first, rooms[0])
    while True:
        stored = await read_all(server.url, people[0], rooms)
        await asyncio.gather(*(device.reach(room, stored[room]) for device in devices for room in device.rooms))
        again = await read_all(server.url, people[0], rooms)
        if all(stored[room].position == again[room].position for room in rooms):
            return again


def difference(shown: Screen, stored: Screen) -> str:
    """Say where two differ first."""
    parts = zip(("room", "members", "topics", "messages"), shown.state, stored.state, strict=True)
    for name, one, other in parts:
        if one != other and name == "messages":
            pairs = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
            return f"{len(one)} and {len(other)} messages; first: {pairs[:1]}"
        if one != other:
            return f"{name}: {one} and {other}"
    return ""


def check_stored(world: World, stored: dict[str, Screen]) -> None:
    """Nothing acknowledged is lost, nothing is there twice, and each room counts up without a hole."""
    by_client: dict[str, str] = {}
    for screen in stored.values():
        messages = screen.state[3]
        assert [message["sequence"] for message in messages] == list(range(1, len(messages) + 1))
        for message in messages:
            if message["client_id"]:
                assert message["client_id"] not in by_client, "a message is there twice"
                by_client[message["client_id"]] = message["id"]
    assert by_client.keys() <= world.asked.keys()
    for client_id, message_id in world.asked.items():
        if client_id in world.refused:
            assert client_id not in by_client, f"{client_id} was refused and is there"
        else:
            # Whoever died before the answer sent it again in the next life, and was told then.
            assert by_client.get(client_id), f"{client_id} is lost, acknowledged as {message_id}"
            assert message_id in (None, by_client[client_id])


def check_shown(devices: list[Device], stored: dict[str, Screen]) -> None:
    """Everybody shows what is stored, and waits for nothing."""
    for device in devices:
        with Outbox(device.path) as outbox:
            assert list(outbox) == [], "something was never acknowledged"
        for room, view in device.views.items():
            assert not view.wrong, view.wrong
            assert view.screen.state == stored[room].state, difference(view.screen, stored[room])


@asynccontextmanager
async def rough_world(server: RunningServer, size: Size) -> AsyncIterator[tuple[RoughNetwork, World, list[Client]]]:
    """Give a network, rooms and people."""
    people = await gather_people(server, size.people)
    rooms, lobby = await make_rooms(people, size.rooms)
    network = RoughNetwork(int(server.url.rsplit(":", 1)[1]), seed=f"{SEED}/network")
    yield network, World(url=await network.start(), rooms=rooms, lobby=lobby), people
    await network.stop()
    for person in people:
        await person.close()


async def live_through(server: RunningServer, size: Size, folder: Path) -> None:
    """Run it, and check what is left."""
    ends: Counter[str] = Counter()
    async with rough_world(server, size) as (network, world, people):
        devices = make_devices(world, people, size, folder)
        await asyncio.gather(*(device.begin() for device in devices))
        living = [asyncio.create_task(end_devices(device, size, ends)) for device in devices]
        await end_servers(server, size, ends)
        network.calm = True
        async with asyncio.timeout(SETTLED_WITHIN_S):
            await asyncio.gather(*living)
            stored = await settle(server, people, devices, world)
        counts: dict[str, Any] = {"asked": len(world.asked), "refused": len(world.refused), **ends, **world.acts}
        print(f"seed {SEED}: {counts}, {network.cuts} cuts, {network.repeats} requests repeated")
        await asyncio.gather(*(device.client.close() for device in devices))
        assert world.wrong == []
        check_stored(world, stored)
        check_shown(devices, stored)
        assert network.cuts > 0 < network.repeats
    said = [line for line in server.output if "ERROR" in line or "Traceback" in line]
    assert said == []


async def test_everybody_shows_what_is_stored_after_a_short_chaos(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    size = Size(people=3, devices=12, rooms=2, seconds=4, server_lives_s=2, device_lives_s=3, pace_s=0.2)
    quick = {"OUTCRY_SAMPLE_MARKET": "false", "OUTCRY_AUTH_HASH_MEMORY_KIB": "1024"}
    server = RunningServer(tmp_path / "data", **quick).start()
    try:
        await live_through(server, size, tmp_path)
    finally:
        server.stop()
        print("".join(server.output[-200:]))


@pytest.mark.long
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_fifty_clients_show_what_is_stored_after_a_long_chaos(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    print(f"seed {SEED}")
    size = Size(people=10, devices=50, rooms=6, seconds=SECONDS, server_lives_s=20, device_lives_s=20, pace_s=1)
    settings = server_settings(engine, request) | {"OUTCRY_AUTH_HASH_MEMORY_KIB": "1024"}
    server = RunningServer(tmp_path / "data", **settings).start()
    try:
        await live_through(server, size, tmp_path)
    finally:
        server.stop()
        print("".join(server.output[-200:]))
