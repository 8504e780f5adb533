"""Calls to real servers that refuse, hang, fail and flap: how often they are asked, and what is told."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from outcry.adapters.outgoing.breaking import BreakingTransport, read_retry_after
from outcry.adapters.outgoing.destinations import Destination, Destinations, Standing
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from outcry.kit.errors import UnavailableError
from tests.adapters_support.web_server import Asked, Reply, WebServer

REST_S = 13.0  # the first rest, with its random part


class Moody(WebServer):
    """Answers with each of ``moods`` in turn, the last one for ever; None hangs until the client goes away."""

    def __init__(self) -> None:
        super().__init__()
        self.moods: list[Reply | None] = [Reply(200, b"fine")]
        self.hanging = asyncio.Event()

    async def answer(self, asked: Asked) -> Reply:
        mood = self.moods.pop(0) if len(self.moods) > 1 else self.moods[0]
        if mood is None:
            self.hanging.set()
            await asyncio.Event().wait()
        assert mood is not None
        return mood


@dataclass
class Line:
    """A way to a server whose clock is moved by hand."""

    server: Moody
    time: float = 50.0
    outside: Destinations = field(init=False)
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.outside = Destinations(now=lambda: self.time)
        self.open(self.server.url)

    @property
    def destination(self) -> Destination:
        return self.outside.get("test server", "here")

    @property
    def standing(self) -> Standing:
        return self.destination.standing()

    def open(self, home: str) -> None:
        rules = Rules(home=home, private_allowed=True, clear_allowed=True, most_bytes=1_000, total_s=0.5)
        transport = BreakingTransport(GuardedTransport(rules), self.destination)
        self.http = httpx2.AsyncClient(base_url=home, **client_options(transport, connect_s=0.3, silence_s=0.3))

    async def call(self, method: str = "POST") -> str:
        """Return how a call ended: a status, the kind of an error, or ``resting``."""
        try:
            return str((await self.http.request(method, "/")).status_code)
        except UnavailableError as error:
            return "resting" if error.wait_s else "resting without end"
        except httpx2.HTTPError as error:
            return type(error).__name__

    async def calls(self, times: int, method: str = "POST") -> list[str]:
        return [await self.call(method) for _ in range(times)]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A way to a server that is well."""
    async with Moody() as server:
        made = Line(server)
        yield made
        await made.http.aclose()


async def test_a_server_that_fails_is_left_alone_then_tried_once_then_used_again(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.server.moods = [Reply(500, b"secret")]
    with caplog.at_level(logging.INFO):
        assert await line.calls(7) == ["500"] * 5 + ["resting"] * 2
        assert len(line.server.asked) == 5
        line.time += REST_S
        assert await line.calls(2) == ["500", "resting"]
        line.server.moods = [Reply(200, b"fine")]
        line.time += 2 * REST_S
        assert await line.calls(3) == ["200"] * 3
    assert [record.getMessage() for record in caplog.records if "outgoing" in record.name][-1] == (
        "the test server here answers again"
    )
    assert "failed too often: no calls for" in caplog.text
    assert "secret" not in caplog.text
    assert line.standing.state == "closed"
    assert line.outside.counts() == {
        "test_server.calls": 9,
        "test_server.failures": 6,
        "test_server.openings": 2,
        "test_server.refused": 3,
    }


async def test_while_it_rests_the_answer_comes_at_once_and_says_when(line: Line) -> None:
    line.server.moods = [Reply(503)]
    await line.calls(5)
    with pytest.raises(UnavailableError) as caught:
        await line.http.get("/")
    assert caught.value.detail.startswith("The test server failed too often and is not asked for a while.")
    assert f"Try again in {caught.value.wait_s} seconds." in caught.value.detail
    assert line.outside.counts()["test_server.open"] == 1
    assert line.standing.wait_s == caught.value.wait_s


async def test_a_server_that_is_not_there_opens_it(line: Line) -> None:
    await line.server.__aexit__(None, None, None)
    assert set(await line.calls(6)) == {"ConnectError", "resting"}
    assert line.standing.state == "open"
    await line.server.__aenter__()


async def test_a_server_that_hangs_opens_it(line: Line) -> None:
    line.server.moods = [None]
    ended = await asyncio.gather(*(line.call() for _ in range(5)))
    assert ended == ["ReadTimeout"] * 5
    assert await line.call() == "resting"
    assert line.standing.counts["calls"] == 5  # who was too slow once is not asked twice


async def test_a_server_that_flaps_opens_it_by_its_share(line: Line) -> None:
    good, bad = Reply(200), Reply(500)
    line.server.moods = [good, good, bad, good, good, bad, good, good, bad, good]
    assert "resting" not in await line.calls(10)
    line.server.moods = [bad, good, bad, bad, bad, bad, bad]
    assert (await line.calls(12))[-1] == "resting"


async def test_an_answer_that_breaks_off_is_a_failure(line: Line) -> None:
    line.server.moods = [Reply(200, b"x" * 2_000)]
    assert await line.calls(6) == ["ReadError"] * 5 + ["resting"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 501])
async def test_an_answer_that_says_no_is_no_failure(line: Line, status: int) -> None:
    line.server.moods = [Reply(status)]
    assert await line.calls(8) == [str(status)] * 8
    assert line.standing.state == "closed"


@pytest.mark.parametrize("address", ["http://169.254.169.254/", "http://other.example/"])
async def test_an_address_that_is_refused_is_no_failure_of_the_server(line: Line, address: str) -> None:
    for _ in range(8):
        with pytest.raises(Exception, match="address"):
            await line.http.get(address)
    assert line.standing.state == "closed"
    assert "failures" not in line.standing.counts


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_what_can_be_done_twice_is_tried_again_and_nothing_else_is(line: Line, status: int) -> None:
    line.server.moods = [Reply(status), Reply(200)]
    assert await line.call("GET") == "200"
    assert line.standing.counts["retries"] == 1
    line.server.moods = [Reply(status), Reply(200)]
    assert await line.call("POST") == str(status)


async def test_a_call_that_never_left_is_tried_again_whatever_it_is(line: Line) -> None:
    await line.server.__aexit__(None, None, None)
    assert await line.call("POST") == "ConnectError"
    assert line.standing.counts == {"calls": 2, "failures": 2, "retries": 1}
    await line.server.__aenter__()


async def test_at_most_a_tenth_of_calls_are_retries(line: Line) -> None:
    for number in range(100):
        line.server.moods = [Reply(502 if number % 4 == 0 else 200), Reply(200)]
        await line.call("GET")
    assert 1 <= line.standing.counts["retries"] <= 11
    assert len(line.server.asked) <= 111


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_asks_us_to_wait_is_left_alone(line: Line, status: int) -> None:
    line.server.moods = [Reply(status, b"", {"retry-after": "30"}), Reply(200)]
    assert await line.calls(3, "GET") == [str(status), "resting", "resting"]
    with pytest.raises(UnavailableError, match=r"asked us to wait\. Try again in 30 seconds\."):
        await line.http.get("/")
    line.time += 30
    assert await line.call() == "200"
    assert len(line.server.asked) == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0), ("7", 7), (" 7 ", 7), ("-1", 0), ("1e9", 0), ("soon", 0), ("٣", 0), ("9" * 400, 0), ("Wed, 99", 0)],
)
def test_how_long_a_server_wants_to_be_left_alone(header: str, seconds: float) -> None:
    assert read_retry_after({"retry-after": header}) == seconds


def test_until_when_a_server_wants_to_be_left_alone() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    assert 110 <= read_retry_after({"retry-after": date}) <= 120
    assert read_retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


@pytest.mark.parametrize(("waited", "state"), [(1.0, "closed"), (6.0, "open")])
async def test_who_gives_up_early_says_nothing_of_the_server(line: Line, waited: float, state: str) -> None:
    line.server.moods = [None]
    for _ in range(5):
        line.server.hanging.clear()
        call = asyncio.create_task(line.call())
        await line.server.hanging.wait()
        line.time += waited
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    assert line.standing.state == state


async def test_destinations_do_not_share_their_failures(line: Line) -> None:
    line.server.moods = [Reply(500)]
    await line.calls(5)
    other = line.outside.get("test server", "here", key="of somebody else")
    assert other.standing().state == "closed"
    assert [one.state for one in line.outside.standings()] == ["open", "closed"]


def test_only_so_many_destinations_are_known() -> None:
    outside = Destinations()
    for number in range(1_100):
        outside.get("test server", str(number))
    assert len(outside.standings()) == 1_000
