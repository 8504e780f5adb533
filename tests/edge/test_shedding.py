"""Beyond what can be answered soon, requests are told to come back: at once, and nobody else waits for them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from outcry.edge.counting import Counts
from outcry.edge.shedding import LoopLag, Places, Shedding


class LateLoop(LoopLag):
    """A loop that is late."""

    def now(self) -> float:
        """Return two seconds."""
        return 2.0


class Desk:
    """An application whose endpoint works until it may end."""

    def __init__(
        self,
        *,
        in_work: int = 2,
        waiting: int = 1,
        patience_s: float = 20,
        seconds: float = 20,
        lag: LoopLag | None = None,
    ) -> None:
        self.counts = Counts()
        self.may_end = asyncio.Event()
        self.working = 0
        self.changed = asyncio.Event()
        app = FastAPI(openapi_url=None)
        for path in ("/work", "/livez"):
            app.add_api_route(path, self.work)
        app.add_api_route("/api/v1/auth/sign-out", self.work, methods=["POST"])
        app.add_api_route("/stream", self.stream)
        app.add_middleware(
            Shedding,
            places=Places(in_work=in_work, waiting=waiting, patience_s=patience_s),
            lag=lag or LoopLag(),
            most_lag_s=1.0,
            seconds=seconds,
            counts=self.counts,
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry")

    async def work(self) -> str:
        """Work until it may end."""
        self.working += 1
        self.changed.set()
        try:
            await self.may_end.wait()
        finally:
            self.working -= 1
        return "done"

    async def stream(self) -> StreamingResponse:
        """Begin an answer, and end it when it may end."""

        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            await self.work()
            yield b"b"

        return StreamingResponse(parts())

    def ask(self, path: str = "/work") -> "asyncio.Task[httpx.Response]":
        """Ask."""
        return asyncio.create_task(self.http.get(path))

    async def until_working(self, many: int) -> None:
        """Wait until so many are in work."""
        async with asyncio.timeout(10):
            while self.working < many:
                self.changed.clear()
                await self.changed.wait()


async def test_so_many_work_so_many_wait_and_the_rest_come_back() -> None:
    desk = Desk(in_work=2, waiting=1)
    first = [desk.ask(), desk.ask()]
    await desk.until_working(2)
    waits = desk.ask()
    refused = await desk.ask()
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "overloaded", "2")
    assert not waits.done()
    desk.may_end.set()
    assert [answer.status_code for answer in await asyncio.gather(*first, waits)] == [200] * 3
    assert (await desk.ask()).status_code == 200
    assert desk.counts.all() == {"overloaded": 1}


async def test_probes_and_leaving_are_always_let_in() -> None:
    desk = Desk(in_work=1, waiting=0, lag=LateLoop())
    desk.may_end.set()
    assert (await desk.ask()).status_code == 503
    assert (await desk.ask("/livez")).status_code == 200
    assert (await desk.http.post("/api/v1/auth/sign-out")).status_code == 200


async def test_waiting_has_an_end() -> None:
    desk = Desk(in_work=1, waiting=5, patience_s=0.05)
    first = desk.ask()
    await desk.until_working(1)
    assert (await desk.ask()).status_code == 503
    desk.may_end.set()
    assert (await first).status_code == 200
    assert (await desk.ask()).status_code == 200


async def test_who_goes_away_while_waiting_takes_no_place() -> None:
    desk = Desk(in_work=1, waiting=1)
    first = desk.ask()
    await desk.until_working(1)
    waits = desk.ask()
    await asyncio.sleep(0)
    while (await desk.ask()).status_code != 503:
        pass
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)
    second = desk.ask()
    desk.may_end.set()
    assert [answer.status_code for answer in await asyncio.gather(first, second)] == [200, 200]


async def test_what_takes_too_long_is_ended() -> None:
    desk = Desk(in_work=1, seconds=0.05)
    answer = await desk.ask()
    assert (answer.status_code, answer.json()["code"]) == (504, "timed_out")
    assert desk.working == 0
    desk.may_end.set()
    assert (await desk.ask()).status_code == 200


async def test_a_stream_may_last_and_holds_no_place() -> None:
    desk = Desk(in_work=1, waiting=0, seconds=0.05)
    stream = desk.ask("/stream")
    await desk.until_working(1)
    second: Any = desk.ask("/stream")
    await desk.until_working(2)
    # Longer than an answer may take to begin.
    await asyncio.wait([stream, second], timeout=0.1)
    desk.may_end.set()
    assert [(await one).text for one in (stream, second)] == ["ab", "ab"]


async def hold_the_loop(seconds: float) -> None:
    """Let nobody else run for a while, then everybody once."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    while loop.time() < ends:
        pass
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_loop_that_is_late_again_and_again_is_seen_and_one_hiccup_is_not() -> None:
    lag = LoopLag()
    assert lag.now() < 0.1
    await hold_the_loop(0.4)
    assert lag.now() < 0.1
    await hold_the_loop(0.4)
    assert lag.now() >= 0.2


@pytest.mark.parametrize("many", [64])
async def test_places_are_never_more_than_there_are(many: int) -> None:
    places = Places(in_work=5, waiting=many, patience_s=20)
    inside = most = 0

    async def work() -> None:
        nonlocal inside, most
        assert await places.take()
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        places.give_back()

    await asyncio.gather(*(work() for _ in range(many)))
    assert (most, inside) == (5, 0)
