"""TLS, and restarts at which nobody's request is lost."""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.adapters_support.certificates import Authority
from tests.running import OUTCRY_UP, RunningServer

HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Authority]]:
    """A server that speaks TLS, and the authority that vouches for it."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    files = ("--tls-cert", str(authority.server_file), "--tls-key", str(authority.server_file))
    data = tmp_path_factory.mktemp("data")
    server = RunningServer(data, command=(*OUTCRY_UP, *files), OUTCRY_SAMPLE_MARKET="false").start()
    yield server, authority
    assert server.stop() == 0


async def test_tls_is_spoken_and_browsers_are_told_to_insist(secure: tuple[RunningServer, Authority]) -> None:
    server, authority = secure
    assert server.url.startswith("https://")
    trusted = ssl.create_default_context(cafile=authority.ca_file)
    async with httpx.AsyncClient(verify=trusted) as http:
        answer = await http.get(f"{server.url}/api/v1/auth/jwks")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    address = server.url.replace("https", "wss", 1) + "/api/v1/realtime"
    async with connect(address, ssl=trusted, proxy=None) as connection:
        assert connection.transport.get_extra_info("ssl_object").version() == "TLSv1.3"


async def test_older_tls_and_none_at_all_are_refused(secure: tuple[RunningServer, Authority]) -> None:
    server, authority = secure
    older = ssl.create_default_context(cafile=authority.ca_file)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    async with httpx.AsyncClient(verify=older) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(server.url)
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.TransportError):
            await http.get(server.url.replace("https", "http", 1))


def test_wrong_files_are_one_line(tmp_path: Path) -> None:
    one, other = Authority(tmp_path / "one"), Authority(tmp_path / "other")
    (tmp_path / "empty.pem").write_text("")
    cases = {
        "needs both a certificate": ["--tls-cert", str(one.server_file)],
        "is not there": ["--tls-cert", str(one.server_file), "--tls-key", str(tmp_path / "missing.pem")],
        "no certificate and key in PEM form": [
            *("--tls-cert", str(one.server_file)),
            *("--tls-key", str(tmp_path / "empty.pem")),
        ],
        "is not that of the certificate": [
            *("--tls-cert", str(one.server_file)),
            *("--tls-key", str(other.server_file)),
        ],
    }
    for said, arguments in cases.items():
        environment = {**os.environ, "OUTCRY_DATA": str(tmp_path / "data"), "PORT": "0"}
        assert RunningServer.nursery
        done = RunningServer.nursery.run("up", *arguments, environment=environment)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert said in done.stderr


@dataclass
class Visits:
    """What visitors got, and when there is more of it."""

    got: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, what: str) -> None:
        """Note one."""
        self.got.append(what)
        self.changed.set()

    async def more(self, many: int) -> None:
        """Wait for so many more."""
        wanted = len(self.got) + many
        async with asyncio.timeout(60):
            while len(self.got) < wanted:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def visitors(url: str, many: int) -> AsyncIterator[Visits]:
    """Let so many ask again and again; give what each of them got."""
    visits = Visits()
    stop = asyncio.Event()

    async def visit() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=90) as http:
            while not stop.is_set():
                try:
                    visits.add(str((await http.get("/api/v1/auth/jwks")).status_code))
                except httpx.HTTPError as error:
                    visits.add(repr(error))

    tasks = [asyncio.create_task(visit()) for _ in range(many)]
    try:
        yield visits
    finally:
        stop.set()
        await asyncio.gather(*tasks)


@pytest.mark.fault
async def test_no_request_is_lost_at_a_restart_on_a_socket_that_stays(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        # As systemd hands a socket over: as file 3, to the process that is named.
        handed_over = (sys.executable, "-c", HAND_OVER, str(listening.fileno()), *OUTCRY_UP)
        server = RunningServer(tmp_path, command=handed_over, OUTCRY_SAMPLE_MARKET="false")
        server.pass_fds = (listening.fileno(),)
        await asyncio.to_thread(server.start)
        async with visitors(server.url, 16) as visits:
            await visits.more(200)
            assert await asyncio.to_thread(server.stop) == 0
            await asyncio.to_thread(server.start)
            await visits.more(200)
        await asyncio.to_thread(server.stop)
    assert set(visits.got) == {"200"}


UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


class UpgradingLate:
    """A connection that is kept, and asked on again."""

    def __init__(self, url: str) -> None:
        self._host = url.removeprefix("http://")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, status: str, headers: str = "") -> None:
        """Ask for something; it is answered with this status."""
        if self._streams is None:
            host, _, port = self._host.partition(":")
            self._streams = await asyncio.open_connection(host, int(port))
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n{headers}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert head.split()[1] == status, head
        if headers:
            await reader.read()
            writer.close()
        else:
            await reader.readexactly(int(head.lower().partition("content-length:")[2].split()[0]))


async def test_sockets_are_told_to_come_back(tmp_path: Path) -> None:
    server = await asyncio.to_thread(RunningServer(tmp_path, OUTCRY_SAMPLE_MARKET="false").start)
    late = UpgradingLate(server.url)
    await late.ask("/livez", "200")
    async with connect(server.url.replace("http", "ws", 1) + "/api/v1/realtime", proxy=None) as connection:
        stopped = asyncio.create_task(asyncio.to_thread(server.stop))
        with pytest.raises(ConnectionClosed) as caught:
            await connection.recv()
        # Whoever wants a socket now, on a connection that is still there, is not let in, and holds nothing up.
        await late.ask("/api/v1/realtime", "503", UPGRADE)
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason[:19]) == (1012, "The server restarts")
    assert await stopped == 0
