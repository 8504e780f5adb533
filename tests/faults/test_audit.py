"""``kill -9`` and a dead database during sensitive acts: no act without its entry, no entry without its act."""

import asyncio
import base64
import contextlib
import os
import random
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from outcry.services.audit.notes import Checkpoint, open_checkpoint, parse_verifier_key
from outcry.services.audit.tree import hash_leaf, verify_consistency, verify_inclusion
from tests.conftest import PostgresqlServer
from tests.e2e.conftest import server_settings
from tests.running import Client, RunningServer

pytestmark = pytest.mark.fault

# With the 20 rounds of `make faults` at least a thousand acts.
ROUNDS = int(os.environ.get("OUTCRY_KILL_ROUNDS", "1"))
ACTS_A_ROUND = 100
PLANS = ("desk", "pro")
ORGANISATION = "/auth/organisation"

Found = TypeVar("Found")


@pytest.fixture(params=["sqlite", "postgresql"])
def audited_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    """A server that signs checkpoints every half second, and that a test may kill."""
    settings = {"OUTCRY_AUDIT_CHECKPOINT_EVERY_S": "0.5", "OUTCRY_EDGE_LIMITING": "false"}
    running = RunningServer(tmp_path / "data", **settings, **server_settings(request.param, request)).start()
    yield running
    running.stop()
    print("".join(running.output))


async def retried(client: Client, method: str, path: str) -> Any:
    """Call once more where the connection of before a kill is still in the pool."""
    try:
        return await client.call(method, path)
    except httpx.TransportError:
        return await client.call(method, path)


async def act_until_killed(client: Client, acknowledged: list[str]) -> None:
    """Go from the plan that there is to the other one, again and again, until the server is gone."""
    plan = (await retried(client, "GET", ORGANISATION))["plan"]
    while True:
        plan = PLANS[1 - PLANS.index(plan)]
        try:
            await client.call("PUT", f"{ORGANISATION}/plan", {"plan": plan})
        except httpx.HTTPError:
            return
        acknowledged.append(plan)


async def changes_of(client: Client) -> list[dict[str, Any]]:
    """Return every entry of a changed organisation, the oldest first."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await retried(client, "GET", f"/audit/entries?act=auth.organisation_changed&limit=200{cursor}")
        found += page["items"]
        if not page["next_cursor"]:
            return [entry for entry in reversed(found) if "plan" in entry["after"]]
        cursor = f"&cursor={page['next_cursor']}"


async def until(ask: Callable[[], Awaitable[Found | None]]) -> Found:
    """Ask again and again until there is an answer: what is waited for happens by itself, and nothing tells when."""
    for _ in range(600):
        if found := await ask():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it did not happen within a minute")


async def until_settled(client: Client, least: int) -> list[dict[str, Any]]:
    """Wait until the newest of at least so many entries tells the plan that there is."""
    plan = (await retried(client, "GET", ORGANISATION))["plan"]

    async def settled() -> list[dict[str, Any]] | None:
        changes = await changes_of(client)
        return changes if len(changes) >= least and changes[-1]["after"]["plan"] == plan else None

    return await until(settled)


async def newest_checkpoint(client: Client, key: str) -> Checkpoint | None:
    """Return the newest checkpoint, verified; None before the first."""
    page = await retried(client, "GET", "/audit/checkpoints?limit=1")
    if not page["items"]:
        return None
    return open_checkpoint(page["items"][0]["note"], parse_verifier_key(key))


async def check_tree(client: Client, kept: list[Checkpoint], last: int) -> None:
    """Verify that the log begins with every checkpoint that was kept, and that every entry is in it."""
    key = await retried(client, "GET", "/audit/key")

    async def signed() -> Checkpoint | None:
        newest = await newest_checkpoint(client, key)
        return newest if newest is not None and newest.size > last else None

    newest = await until(signed)
    for old in kept:
        proof = await client.call("GET", f"/audit/consistency?old={old.size}&new={newest.size}")
        hashes = [base64.b64decode(one) for one in proof["hashes"]]
        verify_consistency(old=old.size, new=newest.size, old_root=old.root, new_root=newest.root, proof=hashes)
    for index in range(newest.size):
        proof = await client.call("GET", f"/audit/entries/{index}/proof?size={newest.size}")
        hashes = [base64.b64decode(one) for one in proof["hashes"]]
        leaf_hash = hash_leaf(proof["leaf"].encode())
        verify_inclusion(index=index, size=newest.size, leaf_hash=leaf_hash, proof=hashes, root=newest.root)


def check_chain(changes: list[dict[str, Any]]) -> None:
    """Each change begins where the one before it ended: one that is lost, doubled or made up breaks the chain."""
    assert len({entry["id"] for entry in changes}) == len(changes)
    for before, after in pairwise(changes):
        assert before["after"]["plan"] == after["before"]["plan"]
        assert before["index"] < after["index"]


async def reached(acknowledged: list[str], count: int) -> bool | None:
    """Say whether so many acts were done."""
    return len(acknowledged) >= count or None


async def test_kill_leaves_no_act_without_its_entry(audited_server: RunningServer) -> None:
    client = await Client(audited_server.url).sign_up()
    key = await client.call("GET", "/audit/key")
    acknowledged: list[str] = []
    kept: list[Checkpoint] = []
    kills = 0
    while kills < ROUNDS or len(acknowledged) < ROUNDS * ACTS_A_ROUND // 2:
        kills += 1
        acting = asyncio.create_task(act_until_killed(client, acknowledged))
        # Counted, not timed: as many acts on a busy machine. The moment within them differs each round, so that it
        # falls into the act, the outbox, the log and the signing.
        await until(partial(reached, acknowledged, len(acknowledged) + random.randint(1, ACTS_A_ROUND)))
        await asyncio.sleep(0.1 * random.random())
        with contextlib.suppress(httpx.HTTPError):
            kept += filter(None, [await newest_checkpoint(client, key)])
        audited_server.kill()
        await acting
        await asyncio.to_thread(audited_server.start)
    changes = await until_settled(client, len(acknowledged))
    print(f"{len(acknowledged)} acts acknowledged, {len(changes)} entries, {kills} kills")
    check_chain(changes)
    # At most one act a kill was done and not acknowledged.
    assert len(acknowledged) <= len(changes) <= len(acknowledged) + kills
    assert await retried(client, "GET", "/audit/key") == key
    await check_tree(client, kept, changes[-1]["index"])
    await client.close()


async def test_a_stopped_database_delays_and_loses_nothing(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    settings = {"OUTCRY_AUDIT_CHECKPOINT_EVERY_S": "0.5", "OUTCRY_DATABASE": postgresql_server.new_database()}
    server = RunningServer(tmp_path / "data", OUTCRY_EDGE_LIMITING="false", **settings).start()
    client = await Client(server.url).sign_up()
    done: list[str] = []
    for plan in (*PLANS[::-1], *PLANS[::-1]):
        await client.call("PUT", f"{ORGANISATION}/plan", {"plan": plan})
        done.append(plan)
    # The last entries may not be written yet.
    postgresql_server.stop()
    try:
        answer = await client.http.get("/audit/entries")
        assert answer.status_code == 503, answer.text
    finally:
        postgresql_server.start()

    async def back() -> list[dict[str, Any]] | None:
        # The pool drops its dead connections one by one, and the outbox tries again by itself.
        if (await client.http.get("/audit/entries")).status_code != 200:
            return None
        changes = await changes_of(client)
        return changes if len(changes) >= len(done) else None

    changes = await until(back)
    check_chain(changes)
    assert [entry["after"]["plan"] for entry in changes] == done
    await check_tree(client, [], changes[-1]["index"])
    await client.close()
    server.stop()
