"""Raw bytes at the real server: what could be read in two ways, is too large, too slow or too much, is refused."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.running import RunningServer


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with little patience."""
    running = RunningServer(
        tmp_path_factory.mktemp("data"),
        OUTCRY_SAMPLE_MARKET="false",
        OUTCRY_EDGE_HEADER_SECONDS="0.5",
        OUTCRY_EDGE_BODY_SECONDS="0.5",
        OUTCRY_EDGE_CONNECTIONS_PER_ADDRESS="20",
    ).start()
    yield running
    assert running.stop() == 0


@dataclass
class Wire:
    """A connection that says whatever a test wants."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Send bytes, as long as the server takes them."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError:
            pass

    async def hear(self) -> tuple[int, dict[str, str], bytes]:
        """Read one answer; a status of nought when the connection was closed instead."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, {}, b""
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(status.split()[1]), headers, body

    async def is_closed(self) -> bool:
        """Say whether the server ends the connection, whatever it still sends."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass
        return True


@asynccontextmanager
async def wire(server: RunningServer) -> AsyncIterator[Wire]:
    """Connect."""
    url = httpx.URL(server.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        async with asyncio.timeout(20):
            yield Wire(reader, writer)
    finally:
        writer.close()


def post(*headers: str, body: str = "") -> bytes:
    """Return a POST with these headers."""
    return "\r\n".join(["POST /api/v1/auth/sign-in HTTP/1.1", "Host: x", *headers, "", body]).encode("latin-1")


CHUNKED = "Transfer-Encoding: chunked"
MALFORMED = {
    "both lengths": post("Content-Length: 4", CHUNKED, body="0\r\n\r\n"),
    "both lengths, turned round": post(CHUNKED, "Content-Length: 4", body="0\r\n\r\n"),
    "two lengths": post("Content-Length: 4", "Content-Length: 5", body="abcde"),
    "the same length twice": post("Content-Length: 4", "Content-Length: 4", body="abcd"),
    "a list of lengths": post("Content-Length: 4, 4", body="abcd"),
    "a length with a sign": post("Content-Length: +4", body="abcd"),
    "a length below nought": post("Content-Length: -4", body="abcd"),
    "a length in hexadecimal": post("Content-Length: 0x4", body="abcd"),
    "an endless length": post("Content-Length: " + "9" * 30, body="abcd"),
    "an odd coding": post("Transfer-Encoding: xchunked", body="0\r\n\r\n"),
    "two codings": post("Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"),
    "chunked twice": post(CHUNKED, CHUNKED, body="0\r\n\r\n"),
    "chunked not last": post("Transfer-Encoding: chunked, identity", body="0\r\n\r\n"),
    "a space before the colon": post("Transfer-Encoding : chunked", body="0\r\n\r\n"),
    "a control character in a coding": post("Transfer-Encoding:\x0bchunked", body="0\r\n\r\n"),
    "chunks in HTTP/1.0": post(CHUNKED, body="0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "a chunk without a size": post(CHUNKED, body="zz\r\nx\r\n0\r\n\r\n"),
    "a chunk's size with 0x": post(CHUNKED, body="0x1\r\nx\r\n0\r\n\r\n"),
    "a chunk's size after a bare line feed": post(CHUNKED, body="1\nx\r\n0\r\n\r\n"),
    "a chunk of 2^64": post(CHUNKED, body="10000000000000001\r\nx\r\n0\r\n\r\n"),
    "a chunk longer than it says": post(CHUNKED, body="1\r\nxyz\r\n0\r\n\r\n"),
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "one bare line feed": b"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
    "a bare carriage return": b"GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    "a fold at the start": b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
    "a NUL in a value": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
    "a NUL in a name": b"GET / HTTP/1.1\r\nHost: x\r\nA\x00: b\r\n\r\n",
    "a NUL in the address": b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a byte above ASCII in the address": b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost: x\r\nfoo\r\n\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\nHost: x\r\n: foo\r\n\r\n",
    "another server's address": b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /livez\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\nHost: x\r\n\r\n",
    "a made-up method": b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303"),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_ambiguous_or_broken_is_refused_and_the_connection_closed(
    guarded: RunningServer, name: str
) -> None:
    async with wire(guarded) as connection:
        await connection.say(MALFORMED[name])
        status, headers, body = await connection.hear()
        assert (status, json.loads(body)["code"]) == (400, "malformed_request")
        assert (headers["content-type"], headers["connection"]) == ("application/problem+json", "close")
        assert await connection.is_closed()
    await _others_are_unharmed(guarded)


async def test_nothing_after_a_refused_request_is_answered(guarded: RunningServer) -> None:
    async with wire(guarded) as connection:
        smuggled = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        await connection.say(post("Content-Length: 4", CHUNKED, body="0\r\n\r\n") + smuggled)
        assert (await connection.hear())[0] == 400
        assert (await connection.hear())[0] == 0


@pytest.mark.parametrize("size", [100_000, 900_000])
async def test_a_body_is_no_head(guarded: RunningServer, size: int) -> None:
    body = '"' + "x" * size + '"'
    async with wire(guarded) as connection:
        for _ in range(2):
            await connection.say(post(f"Content-Length: {len(body)}", "Content-Type: application/json", body=body))
            assert (await connection.hear())[0] == 422


def put_picture(size: int, *, chunked: bool) -> bytes:
    head = b"PUT /api/v1/auth/me/picture HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
    if chunked:
        return head + CHUNKED.encode() + b"\r\n\r\n%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % size + b"x" * size


@pytest.mark.parametrize("chunked", [False, True])
async def test_bodies_have_a_limit_by_what_they_are(guarded: RunningServer, chunked: bool) -> None:
    async with wire(guarded) as connection:
        await connection.say(put_picture(4_000_000, chunked=chunked))
        assert (await connection.hear())[0] == 401, "it gets as far as the sign-in"
        await connection.say(put_picture(5_000_001, chunked=chunked))
        status, headers, body = await connection.hear()
        assert (status, json.loads(body)["code"], headers["connection"]) == (413, "too_large", "close")
        assert "5,000,000 bytes" in json.loads(body)["detail"]
    async with wire(guarded) as connection:
        said = "x" * 1_000_001
        begun = f"{len(said):x}\r\n{said}\r\n0\r\n\r\n" if chunked else said
        await connection.say(post(CHUNKED if chunked else f"Content-Length: {len(said)}", body=begun))
        status, _, body = await connection.hear()
        assert (status, json.loads(body)["code"]) == (413, "too_large")
        assert "1,000,000 bytes" in json.loads(body)["detail"]
    # Only there: the larger limit is that of the method and the very path.
    for other in (b"POST /api/v1/auth/me/picture", b"PUT /api/v1/auth/me/pictures", b"PUT /API/v1/auth/me/picture"):
        async with wire(guarded) as connection:
            request = put_picture(1_000_001, chunked=chunked)
            await connection.say(request.replace(b"PUT /api/v1/auth/me/picture", other, 1))
            assert (await connection.hear())[0] == 413
    await _others_are_unharmed(guarded)


async def test_headers_that_trail_a_body_do_not_count(guarded: RunningServer) -> None:
    trailing = "2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\nHost: evil\r\n\r\n"
    async with wire(guarded) as connection:
        await connection.say(post(CHUNKED, "Content-Type: application/json", body=trailing))
        assert (await connection.hear())[0] == 422


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 40_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 400_000, 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a" * 400_000, 431, "headers_too_large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431, "headers_too_large"),
        (post(CHUNKED, body="0\r\n" + "A: b\r\n" * 20_000), 431, "headers_too_large"),
    ],
)
async def test_heads_have_bounds(guarded: RunningServer, head: bytes, status: int, code: str) -> None:
    async with wire(guarded) as connection:
        await connection.say(head)
        answered, _, body = await connection.hear()
        if answered:  # the rest that we send may meet a closed connection, which throws the answer away
            assert (answered, json.loads(body)["code"]) == (status, code)
        assert await connection.is_closed()
    await _others_are_unharmed(guarded)


@pytest.mark.parametrize(
    ("begun", "code"),
    [
        (b"", "headers_timed_out"),
        (b"GET / HT", "headers_timed_out"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n", "headers_timed_out"),
        (post("Content-Length: 100", "Content-Type: application/json", body="{"), "body_timed_out"),
        (post(CHUNKED, "Content-Type: application/json", body="1\r\n{\r\n"), "body_timed_out"),
    ],
)
async def test_who_is_too_slow_is_let_go(guarded: RunningServer, begun: bytes, code: str) -> None:
    async with wire(guarded) as connection:
        await connection.say(begun)
        status, _, body = await connection.hear()
        assert (status, json.loads(body)["code"]) == (408, code)
        assert await connection.is_closed()


async def test_dripping_bytes_win_no_time(guarded: RunningServer) -> None:
    async with wire(guarded) as connection:
        await connection.say(b"GET / HTTP/1.1\r\nHost: x\r\n")
        answer = asyncio.create_task(connection.hear())
        while not answer.done():
            await connection.say(b"A: b\r\n")
            await asyncio.wait([answer], timeout=0.05)
        assert answer.result()[0] in (408, 0)


async def test_between_requests_a_connection_may_rest(guarded: RunningServer) -> None:
    async with wire(guarded) as connection:
        await connection.say(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await connection.hear())[0] == 200
        # Longer than the head of a request may take.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.reader.read(1), timeout=0.7)
        await connection.say(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await connection.hear())[0] == 200


async def test_sockets_that_ended_leave_their_place(guarded: RunningServer) -> None:
    address = guarded.url.replace("http", "ws", 1) + "/api/v1/realtime"
    for _ in range(40):
        async with connect(address, proxy=None):
            pass
    await _others_are_unharmed(guarded)


async def test_a_few_requests_ahead_are_answered_in_order(guarded: RunningServer) -> None:
    async with wire(guarded) as connection:
        await connection.say(b"".join(b"GET /missing%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(10)))
        for _ in range(10):
            assert (await connection.hear())[0] in (200, 404)


async def test_thousands_of_requests_ahead_are_not_kept(guarded: RunningServer) -> None:
    async with wire(guarded) as connection:
        await connection.say(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 5_000)
        assert await connection.is_closed()
    await _others_are_unharmed(guarded)


async def test_one_address_gets_so_many_connections(guarded: RunningServer) -> None:
    url = httpx.URL(guarded.url)
    opened = [await asyncio.open_connection(url.host, url.port) for _ in range(30)]
    wires = [Wire(*pair) for pair in opened]
    for connection in wires:
        await connection.say(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    answers: list[Any] = await asyncio.gather(*(connection.hear() for connection in wires))
    assert [status for status, _, _ in answers] == [200] * 20 + [503] * 10
    assert answers[-1][1]["retry-after"] == "5"
    for connection in wires:
        connection.writer.close()
    await asyncio.gather(*(connection.writer.wait_closed() for connection in wires), return_exceptions=True)
    await _others_are_unharmed(guarded)


async def _others_are_unharmed(server: RunningServer) -> None:
    async with asyncio.timeout(5):
        while True:
            async with wire(server) as connection:
                await connection.say(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                if (await connection.hear())[0] == 200:
                    return
