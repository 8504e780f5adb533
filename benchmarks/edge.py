"""What the edge adds to a request beside the bare application, and requests a second with all guards on and all off.

The bare application is FastAPI with one endpoint on uvicorn; the guarded one is the same endpoint on the same uvicorn,
behind every layer of the edge and its strict protocol.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time

import httpx

from benchmarks.reporting import percentile, print_table
from benchmarks.start import free_port
from tests.running import QUOTAS

MOST_ADDED_MS = 1.0

BARE = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/api/v1/bare")
async def bare() -> dict[str, str]:
    return {"status": "fine"}
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, server_header=False, http="httptools")
"""

GUARDED = """
import sys, uvicorn
from fastapi import FastAPI
from outcry.adapters.cache.memory import MemoryCache
from outcry.edge.app import edge_layers
from outcry.edge.counting import Counts
from outcry.edge.http_protocol import strict_protocol
from outcry.edge.limiting import Limiter
from outcry.edge.settings import EdgeSettings
from outcry.kit.clock import SystemClock
clock, counts, settings = SystemClock(), Counts(), EdgeSettings()
limiter = Limiter(MemoryCache(clock), MemoryCache(clock), clock, counts)
app = FastAPI(middleware=edge_layers(settings, "", limiter, counts))
@app.get("/api/v1/bare")
async def bare() -> dict[str, str]:
    return {"status": "fine"}
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, server_header=False,
            http=strict_protocol(settings, counts))
"""


async def _until_there(http: httpx.AsyncClient) -> None:
    for _ in range(1_000):
        try:
            await http.get("/api/v1/bare")
        except httpx.TransportError:
            await asyncio.sleep(0.02)
        else:
            return
    raise RuntimeError("the server did not start")


async def one_after_another(http: httpx.AsyncClient, many: int) -> list[float]:
    """Return the milliseconds of each of so many requests."""
    seen = []
    for _ in range(many):
        started = time.perf_counter()
        (await http.get("/api/v1/bare")).raise_for_status()
        seen.append((time.perf_counter() - started) * 1000)
    return seen


async def raw_throughput(port: int, many: int, connections: int = 16) -> float:
    """Return the requests a second over so many connections, each asking as soon as it was answered."""
    request = b"GET /api/v1/bare HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(many // connections):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(connections)))
    return many / (time.perf_counter() - started)


def run(samples: int) -> int:
    """Start both servers and measure; return the exit code."""
    ports = {"bare": free_port(), "guarded": free_port()}
    servers = [
        subprocess.Popen([sys.executable, "-c", code, str(ports[name])], env=QUOTAS | os.environ)
        for name, code in (("bare", BARE), ("guarded", GUARDED))
    ]
    try:
        return asyncio.run(measure(ports, samples))
    finally:
        for server in servers:
            server.terminate()
            server.wait()


async def measure(ports: dict[str, int], samples: int) -> int:
    """Measure both in turns; return the exit code."""
    times: dict[str, list[float]] = {name: [] for name in ports}
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for turn in range(6):
        for name, port in ports.items():
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
                await _until_there(http)
                seen = await one_after_another(http, samples // 5)
            rate = await raw_throughput(port, samples)
            if turn:  # the first is to warm up
                times[name] += seen
                rates[name].append(rate)
    return _report(times, rates)


def _report(times: dict[str, list[float]], rates: dict[str, list[float]]) -> int:
    shares = (0.5, 0.99)
    rows = [
        [name, *(f"{percentile(seen, share):.2f}" for share in shares), f"{max(rates[name]):,.0f}"]
        for name, seen in times.items()
    ]
    added = [percentile(times["guarded"], share) - percentile(times["bare"], share) for share in shares]
    share = max(rates["guarded"]) / max(rates["bare"])
    rows.append(["added by the edge", *(f"{one:.2f}" for one in added), f"{share:.2f} of the bare"])
    print_table(f"ms, {len(times['bare']):,} requests one after another", ["what", "p50", "p99", "requests/s"], rows)
    return 0 if added[0] < MOST_ADDED_MS else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    raise SystemExit(run(500 if parser.parse_args().short else 5_000))
