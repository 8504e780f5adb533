"""Twice the capacity offered, a tenth of it hostile: how long honest requests take, and what is not let in gets.

Everybody comes by one trusted proxy, as from addresses of their own. The server is ``outcry up`` with its quotas.
"""

import argparse
import asyncio
import contextlib
import itertools
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.reporting import percentile, print_table
from benchmarks.start import resident_mb
from outcry.edge.settings import EdgeSettings
from tests.running import Client, RunningServer

MOST_P99_S = 1.0
MOST_GROWTH = 1.15
CONNECTIONS = 300
PEOPLE = 12

HOSTILE = (
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 60_000,
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\nHost: x\n\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: dripping",
    b"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n" + b"x" * 100_000,
    b"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.66\r\n"
    b"Content-Type: application/json\r\nContent-Length: 53\r\n\r\n"
    b'{"email": "a@example.com", "password": "wrong wrong"}',
    b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 500,
)


@dataclass
class Seen:
    """What honest requests got: seconds of those let in, how many of each status, and what should not have been."""

    admitted: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    megabytes: list[float] = field(default_factory=list)


class Visitor:
    """One connection that honest requests take turns at, made anew when the server ended it."""

    def __init__(self, host: str, port: int) -> None:
        self._where = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, bool]:
        """Return the status, and whether the answer says when to come back."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._where)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        await reader.readexactly(int(lines.get(b"content-length", b"0")))
        if lines.get(b"connection") == b"close":
            self.close()
        return int(head.split()[1]), b"retry-after" in lines

    def close(self) -> None:
        """Close the connection."""
        if self._streams:
            self._streams[1].close()
        self._streams = None


class Attack:
    """Honest and hostile requests at a server."""

    def __init__(self, server: RunningServer, tokens: list[str]) -> None:
        url = httpx.URL(server.url)
        self._where = (url.host, url.port or 80)
        self._server = server
        self._visitors: asyncio.Queue[Visitor] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            self._visitors.put_nowait(Visitor(*self._where))
        self._requests = itertools.cycle(
            (
                f"GET /api/v1/auth/me HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {token}\r\n"
                f"X-Forwarded-For: 198.51.100.{number}\r\n\r\n"
            ).encode()
            for number, token in enumerate(tokens)
        )
        self._hostile = itertools.cycle(HOSTILE)
        self.seen = Seen()

    async def capacity(self, seconds: float) -> float:
        """Return the requests a second that 16 connections get, each asking as soon as it was answered."""
        ends = time.perf_counter() + seconds
        done = 0

        async def ask() -> None:
            nonlocal done
            visitor = await self._visitors.get()
            while time.perf_counter() < ends:
                await visitor.ask(next(self._requests))
                done += 1
            self._visitors.put_nowait(visitor)

        await asyncio.gather(*(ask() for _ in range(16)))
        return done / seconds

    async def offer(self, rate: float, seconds: float) -> None:
        """Send so many requests a second, whatever becomes of them; every tenth is hostile."""
        tasks: set[asyncio.Task[None]] = set()
        started = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = started + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self._harm() if number % 10 == 0 else self._ask(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if number % max(1, int(rate)) == 0:
                self.seen.megabytes.append(resident_mb(self._server.process_id))
        await asyncio.gather(*tasks)

    async def _ask(self, due: float) -> None:
        visitor = await self._visitors.get()
        try:
            status, told = await visitor.ask(next(self._requests))
        except (OSError, asyncio.IncompleteReadError) as error:
            visitor.close()
            self.seen.wrong[type(error).__name__] += 1
        else:
            self.seen.statuses[status] += 1
            if status == 200:
                self.seen.admitted.append(time.perf_counter() - due)
            elif status not in (429, 503) or not told:
                self.seen.wrong[f"{status}, Retry-After {told}"] += 1
        finally:
            self._visitors.put_nowait(visitor)

    async def _harm(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection(*self._where)
            writer.write(next(self._hostile))
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(5):
                    while await reader.read(65536):
                        pass
            writer.close()

    def close(self) -> None:
        """Close every connection."""
        while not self._visitors.empty():
            self._visitors.get_nowait().close()


async def attack(seconds: float) -> tuple[Seen, float]:
    """Start a server, attack it for so long; return what honest requests saw, and the capacity."""
    usual = EdgeSettings()
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(
            Path(folder),
            OUTCRY_SAMPLE_MARKET="false",
            OUTCRY_EDGE_QUOTA_FACTOR="10",
            OUTCRY_EDGE_REQUESTS_WAITING=str(usual.requests_waiting),
            OUTCRY_EDGE_WAIT_SECONDS=str(usual.wait_seconds),
            OUTCRY_EDGE_LAG_SECONDS=str(usual.lag_seconds),
            OUTCRY_EDGE_TRUSTED_PROXIES="127.0.0.1",
        )
        await asyncio.to_thread(server.start)
        try:
            people = [await Client(server.url).sign_up(f"Person {number}") for number in range(PEOPLE)]
            attack = Attack(server, [person.token for person in people])
            await attack.capacity(1)
            capacity = await attack.capacity(min(5.0, seconds / 3))
            await attack.offer(2 * capacity, seconds)
            attack.close()
            for person in people:
                await person.close()
        finally:
            await asyncio.to_thread(server.stop)
        return attack.seen, capacity


def growth(seen: Seen) -> float:
    """Return the memory of the last fifth beside that of the second: the first fills caches and pools."""
    fifth = max(1, len(seen.megabytes) // 5)
    second, last = seen.megabytes[fifth : 2 * fifth], seen.megabytes[-fifth:]
    return (sum(last) / len(last)) / (sum(second) / len(second))


def main() -> int:
    """Attack and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seconds", type=float, default=300)
    arguments = parser.parse_args()
    seconds = 15.0 if arguments.short else arguments.seconds
    seen, capacity = asyncio.run(attack(seconds))
    p99 = percentile(seen.admitted, 0.99)
    rows = [
        ["capacity, requests/s", f"{capacity:,.0f}"],
        ["honest requests let in, a second", f"{len(seen.admitted) / seconds:,.0f}"],
        ["p50, p99 of those, ms", f"{percentile(seen.admitted, 0.5) * 1000:,.0f}, {p99 * 1000:,.0f}"],
        ["told to come back (429, 503)", f"{seen.statuses[429]:,}, {seen.statuses[503]:,}"],
        ["anything else", str(dict(seen.wrong) or "none")],
        ["memory at the end beside the beginning", f"{growth(seen):.2f}"],
    ]
    print_table(f"{seconds:.0f} s at twice the capacity, a tenth of it hostile", ["what", "seen"], rows)
    return 0 if p99 < MOST_P99_S and not seen.wrong and growth(seen) < MOST_GROWTH else 1


if __name__ == "__main__":
    raise SystemExit(main())
