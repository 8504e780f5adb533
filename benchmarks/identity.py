"""What identity costs: sign-ins beside Argon2 alone, refreshes and reads a second, and the check on each request.

Sign-ins are counted by the processor time of the server, so that the client beside it does not count. The floors, in
the same run: Argon2id with the same parameters and nothing around it, and the same endpoint without its Principal.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from benchmarks.reporting import percentile, print_table
from benchmarks.start import free_port
from outcry.services.auth.settings import AuthSettings
from tests.running import PASSWORD, QUOTAS

LEAST_SHARE = 0.9

# The platform with two endpoints more: alike, but that one of them asks who is there.
SERVER = """
import asyncio, sys, uvicorn
from pathlib import Path
from typing import Annotated
from fastapi import APIRouter
from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.main import Platform
from outcry.settings import Settings

platform = Platform(Settings(data=Path(sys.argv[1]), port=int(sys.argv[2]), sample_market=False))
router = APIRouter()

@router.get("/bare")
async def bare() -> dict[str, str]:
    return {"status": "fine"}

@router.get("/guarded")
async def guarded(principal: Annotated[Principal, requires("auth:me:read")]) -> dict[str, str]:
    return {"status": "fine"}

for route in router.routes:
    platform.app.router.routes.insert(0, route)

async def main() -> None:
    await platform.migrate()
    await platform.start()
    config = uvicorn.Config(
        platform.app, port=int(sys.argv[2]), log_level="error", http="httptools", lifespan="off", access_log=False
    )
    await uvicorn.Server(config).serve()

import uvloop
uvloop.run(main())
"""


def processor_s(process_id: int) -> float:
    """Return the processor time that a process has used, in seconds."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """A server and what is measured of it."""

    def __init__(self, url: str, process_id: int) -> None:
        self.url = url
        self.process_id = process_id
        self.http = httpx.AsyncClient(base_url=url, timeout=60)

    async def register(self, email: str) -> None:
        """Make an account."""
        body = {"email": email, "password": PASSWORD, "name": "Ada Trader"}
        (await self.http.post("/api/v1/auth/register", json=body)).raise_for_status()

    async def sign_in(self) -> str:
        """Sign in once; return the access token. So many sign-ins have ended the sessions before it."""
        body = {"email": "ada@example.com", "password": PASSWORD}
        answer = await self.http.post("/api/v1/auth/sign-in", json=body)
        return str(answer.json()["access_token"])

    async def sign_ins_a_core_second(self, count: int) -> float:
        """Sign in ``count`` times, two at a time; return how many fit into a second of one core."""
        body = {"email": "ada@example.com", "password": PASSWORD}

        async def some(share: int) -> None:
            for _ in range(share):
                (await self.http.post("/api/v1/auth/sign-in", json=body)).raise_for_status()

        before = processor_s(self.process_id)
        await asyncio.gather(some(count // 2), some(count // 2))
        return count / (processor_s(self.process_id) - before)

    async def refreshes_a_second(self, seconds: float) -> float:
        """Refresh one session again and again; return how many a second."""
        return await self._a_second(lambda: self.http.post("/api/v1/auth/refresh", headers={"X-Outcry": "1"}), seconds)

    async def reads_a_second(self, path: str, token: str, seconds: float) -> float:
        """Read a path again and again; return how many a second."""
        headers = {"Authorization": f"Bearer {token}"}
        return await self._a_second(lambda: self.http.get(path, headers=headers), seconds)

    async def _a_second(self, call: Callable[[], Awaitable[httpx.Response]], seconds: float) -> float:
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            (await call()).raise_for_status()
            count += 1
        return count / (time.perf_counter() - started)

    async def latencies(self, token: str, count: int) -> dict[str, list[float]]:
        """Read both endpoints in turn; return their milliseconds."""
        headers = {"Authorization": f"Bearer {token}"}
        taken: dict[str, list[float]] = {"/bare": [], "/guarded": []}
        for number in range(count + 100):
            for path, values in taken.items():
                started = time.perf_counter()
                (await self.http.get(path, headers=headers)).raise_for_status()
                if number >= 100:
                    values.append((time.perf_counter() - started) * 1e3)
        return taken


def hashes_a_core_second(count: int) -> float:
    """Verify a hash ``count`` times with the same parameters and nothing around it, two at a time."""
    settings = AuthSettings()
    hasher = PasswordHasher(
        time_cost=settings.hash_time_cost,
        memory_cost=settings.hash_memory_kib,
        parallelism=settings.hash_parallelism,
    )
    hashed = hasher.hash(PASSWORD)

    def some() -> None:
        for _ in range(count // 2):
            hasher.verify(hashed, PASSWORD)

    threads = [threading.Thread(target=some) for _ in range(2)]
    before = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.process_time() - before)


async def measure(url: str, process_id: int, *, count: int, seconds: float) -> float:
    """Measure and print everything; return the share of Argon2 alone that sign-ins reach."""
    bench = Bench(url, process_id)
    await bench.register("ada@example.com")
    shares = []
    for _ in range(3):
        alone = await asyncio.to_thread(hashes_a_core_second, count)
        ours = await bench.sign_ins_a_core_second(count)
        shares.append((ours / alone, ours, alone))
    share, ours, alone = sorted(shares)[1]
    rows = [["sign-in", f"{ours:.2f}", f"{alone:.2f}", f"{share:.2f}"]]
    print_table(f"Sign-ins a core-second, median of 3 runs of {count}", ["what", "Outcry", "Argon2id", "share"], rows)

    token = await bench.sign_in()
    bare = await bench.reads_a_second("/bare", token, seconds)
    rows = [
        ["refresh", f"{await bench.refreshes_a_second(seconds):.0f}", f"{bare:.0f}"],
        ["GET /auth/me", f"{await bench.reads_a_second('/api/v1/auth/me', token, seconds):.0f}", f"{bare:.0f}"],
        ["endpoint with its check", f"{await bench.reads_a_second('/guarded', token, seconds):.0f}", f"{bare:.0f}"],
    ]
    print_table("One client, a second, one after the other", ["what", "Outcry", "bare endpoint"], rows)

    taken = await bench.latencies(token, count * 100)
    rows = [
        [name, *(f"{percentile(values, share):.2f}" for share in (0.5, 0.99))]
        for name, values in (("bare endpoint", taken["/bare"]), ("with Principal and permission", taken["/guarded"]))
    ]
    added = (percentile(taken["/guarded"], s) - percentile(taken["/bare"], s) for s in (0.5, 0.99))
    rows.append(["added", *(f"{value:.2f}" for value in added)])
    print_table(f"The check on a request, ms, {count * 100} each, in turn", ["what", "p50", "p99"], rows)
    await bench.http.aclose()
    return share


async def until_ready(url: str) -> None:
    """Wait until the server answers."""
    async with asyncio.timeout(30), httpx.AsyncClient() as http:
        while True:
            try:
                if (await http.get(f"{url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


def main() -> int:
    """Measure, print, and fail below the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer of everything")
    short = parser.parse_args().short
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen([sys.executable, "-c", SERVER, folder, str(port)], env=QUOTAS | os.environ)
        try:
            asyncio.run(until_ready(url))
            share = asyncio.run(measure(url, process.pid, count=10 if short else 40, seconds=1.0 if short else 5.0))
        finally:
            process.terminate()
            process.wait()
    return 0 if share >= LEAST_SHARE else 1


if __name__ == "__main__":
    raise SystemExit(main())
