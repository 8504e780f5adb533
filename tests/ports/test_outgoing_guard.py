"""The one way out over real servers: redirects, names that change, answers that grow or never end."""

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from outcry.adapters.outgoing import guarded
from outcry.adapters.outgoing.addresses import AddressRefusedError, Resolve, allowed_addresses, resolve_host
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from tests.adapters_support.certificates import Authority
from tests.adapters_support.web_server import Asked, Reply, WebServer

MOST_BYTES = 10_000


class Site(WebServer):
    """Says hello everywhere."""

    async def answer(self, asked: Asked) -> Reply:
        return Reply(200, b"hello", {"set-cookie": "who=you"})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A server on this machine."""
    async with Site() as running:
        yield running


@asynccontextmanager
async def client(
    home: str, *, private_allowed: bool = True, total_s: float = 5.0, resolve: Resolve = resolve_host
) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client for an address that somebody wrote down."""
    rules = Rules(
        home=home, private_allowed=private_allowed, clear_allowed=True, most_bytes=MOST_BYTES, total_s=total_s
    )
    transport = GuardedTransport(rules, resolve=resolve)
    async with httpx2.AsyncClient(**client_options(transport, connect_s=1.0, silence_s=5.0)) as made:
        yield made


def every_host_here(*names: str) -> Resolve:
    """Return a resolver for which these names are this machine, and all others public."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host in names else ["192.0.2.1"]

    return resolve


async def get(made: httpx2.AsyncClient, url: str, most_redirects: int = 3) -> httpx2.Response:
    return await guarded.get(
        made, url, headers={"authorization": "Bearer key", "x-key": "k"}, most_redirects=most_redirects
    )


async def test_an_answer_comes_back_and_no_cookie_is_kept(site: Site) -> None:
    async with client(site.url) as made:
        for _ in range(2):
            assert (await get(made, site.url)).text == "hello"
        assert not made.cookies
    assert "cookie" not in site.asked[-1].headers
    assert site.asked[-1].headers["accept-encoding"] == "identity"


async def test_a_redirect_on_the_same_server_is_followed_with_the_key(site: Site) -> None:
    site.replies["/a"] = Reply(307, b"", {"location": "/b?x=1"})
    async with client(site.url) as made:
        assert (await get(made, f"{site.url}/a")).text == "hello"
    assert site.paths() == ["/a", "/b"]
    assert site.asked[-1].headers["authorization"] == "Bearer key"


async def test_a_redirect_to_another_port_is_followed_without_the_keys(site: Site) -> None:
    async with Site() as other, client(site.url) as made:
        site.replies["/"] = Reply.redirect(f"{other.url}/there")
        assert (await get(made, f"{site.url}/")).text == "hello"
        assert {"authorization", "x-key"} & set(other.asked[0].headers) == set()


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]:1/",
        "https://[::ffff:127.0.0.1]:1/",
        "https://inside.example/",
        "https://2130706433/",
        "https://127.1/",
        "https://user:pass@other.example/",
        "http://other.example/",
        "file:///etc/passwd",
        "gopher://other.example/",
        "//inside.example/",
    ],
)
async def test_a_redirect_inside_is_refused(site: Site, target: str) -> None:
    site.replies["/"] = Reply.redirect(target)
    home = f"http://named.example:{site.port}"
    async with client(home, resolve=every_host_here("named.example", "inside.example")) as made:
        with pytest.raises((AddressRefusedError, httpx2.UnsupportedProtocol, httpx2.InvalidURL)):
            await get(made, f"{home}/")
    assert len(site.asked) == 1


async def test_redirects_end(site: Site) -> None:
    site.replies["/"] = Reply.redirect("/")
    async with client(site.url) as made:
        with pytest.raises(httpx2.TooManyRedirects):
            await get(made, f"{site.url}/")
        assert (await get(made, f"{site.url}/", most_redirects=0)).status_code == 302
    assert len(site.asked) == 4 + 1


async def test_a_redirect_out_of_tls_is_refused() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"location": "http://desk.example/"})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as made:
        with pytest.raises(AddressRefusedError):
            await get(made, "https://desk.example/")


async def test_a_name_that_changes_its_meaning_is_not_followed(site: Site) -> None:
    answers = [["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14"]]

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    home = f"http://desk.example:{site.port}"
    await allowed_addresses("desk.example", site.port, private_allowed=False, resolve=rebinding)
    async with client(home, private_allowed=False, resolve=rebinding) as made:
        with pytest.raises(AddressRefusedError):
            await made.get(home)
    assert site.asked == []
    assert len(answers) == 1


async def test_a_name_is_looked_up_once_a_call(site: Site) -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]  # nobody listens there

    async with client(f"http://desk.example:{site.port}", resolve=rebinding) as made:
        assert (await made.get(f"http://desk.example:{site.port}/")).text == "hello"
    assert asked == ["desk.example"]  # what was checked is what was called


async def test_the_first_address_that_answers_is_taken(site: Site) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first

    async with client(f"http://desk.example:{site.port}", resolve=resolve) as made:
        assert (await made.get(f"http://desk.example:{site.port}/")).text == "hello"
    assert site.asked[0].headers["host"] == f"desk.example:{site.port}"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"x" * (MOST_BYTES + 1)),
        Reply(500, b"x" * (MOST_BYTES + 1)),
        Reply(200, gzip.compress(b"x" * 5_000_000), {"content-encoding": "gzip"}),
        Reply(200, zlib.compress(b"x" * 5_000_000), {"content-encoding": "deflate"}),
        Reply(200, b"", {"content-encoding": "br, gzip, gzip"}),
    ],
    ids=["large", "large error", "gzip", "deflate", "layers"],
)
async def test_an_answer_that_grows_is_given_up(site: Site, reply: Reply) -> None:
    site.replies["/"] = reply
    async with client(site.url) as made:
        with pytest.raises(httpx2.HTTPError):
            await made.get(f"{site.url}/")


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"], ids=["head", "body"])
async def test_an_answer_that_never_ends_is_given_up(head: bytes) -> None:
    """Each byte comes in time, and the whole does not."""
    gone = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        ended = asyncio.create_task(read_all(reader))
        while not (await asyncio.wait([ended], timeout=0.01))[0]:
            writer.write(b"x")
        writer.close()
        gone.set()

    async def read_all(reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with client(url, total_s=0.3) as made:
            with pytest.raises(httpx2.ReadTimeout):
                await made.get(url)
        await asyncio.wait_for(gone.wait(), 5)


async def test_two_hosts_at_one_address_do_not_share_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that was opened as a host with a good certificate must not carry what is meant for another."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(answer(reader, writer))
        tasks.append(task)

    tasks: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=authority.server_context())
    port = server.sockets[0].getsockname()[1]
    home = f"https://localhost:{port}/"
    async with server, client(home, resolve=every_host_here("localhost", "other.example")) as made:
        assert (await made.get(home)).text == "ok"
        transport = made._transport
        assert isinstance(transport, GuardedTransport)
        request = made.build_request("GET", f"https://other.example:{port}/")
        with pytest.raises(httpx2.ConnectError, match="certificate"):
            await transport._named.handle_async_request(request)
    await asyncio.gather(*tasks, return_exceptions=True)
