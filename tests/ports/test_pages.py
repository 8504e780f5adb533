"""The Pages port on real servers, some of them hostile."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from functools import cache

import httpx2
import pytest

from outcry.adapters.outgoing.addresses import AddressRefusedError
from outcry.adapters.pages.none import NonePages
from outcry.adapters.pages.pages_address import read_pages_address
from outcry.adapters.pages.web import MOST_REDIRECTS, WebPages
from outcry.kit.address import AddressError
from outcry.kit.errors import InvalidInputError, NotFoundError, UnavailableError
from outcry.ports.pages import Page, Pages, PagesOffError
from tests.adapters_support.web_server import Asked, Reply, WebServer

HTML = {"content-type": 'text/html; charset="utf-8"'}
WANTED = {"text/html": 1_000}


class Site(WebServer):
    """Serves a page everywhere."""

    async def answer(self, asked: Asked) -> Reply:
        return Reply(200, b"hello", HTML | {"set-cookie": "who=you"})


@pytest.fixture(autouse=True)
def certificates_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the certificates of authorities once, which no server here needs: it takes a tenth of a second."""
    monkeypatch.setattr(httpx2, "create_ssl_context", _context)


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A server that the operator named."""
    async with Site() as running:
        yield running


async def inside(host: str, port: int) -> Sequence[str]:
    """Resolve every name to this machine, and addresses to themselves."""
    return [host] if host[0].isdigit() else ["127.0.0.1"]


async def fetch(pages: Pages, url: str, wanted: dict[str, int] = WANTED) -> Page:
    try:
        return await pages.fetch(url, most_bytes=wanted)
    finally:
        await pages.close()


async def test_a_page_comes_back_and_nothing_of_ours_goes_along(site: Site) -> None:
    pages = WebPages(site.url)
    for _ in range(2):
        page = await pages.fetch(f"{site.url}/a?b=c#part", most_bytes=WANTED)
    assert page == Page(url=f"{site.url}/a?b=c", kind="text/html", charset="utf-8", data=b"hello", whole=True)
    await pages.close()
    sent = site.asked[-1].headers
    assert {"cookie", "referer", "authorization", "origin"} & set(sent) == set()
    assert sent["accept-encoding"] == "identity"
    assert sent["user-agent"] == "outcry (link preview)"


async def test_a_long_page_is_cut(site: Site) -> None:
    site.replies["/"] = Reply(200, b"x" * 2_000_000, HTML)
    page = await fetch(WebPages(site.url), f"{site.url}/")
    assert (page.data, page.whole) == (b"x" * 1_000, False)
    site.replies["/"] = Reply(200, b"x" * 1_000, HTML)
    assert (await fetch(WebPages(site.url), f"{site.url}/")).whole


@pytest.mark.parametrize(
    ("reply", "refusal"),
    [
        (Reply(404, b"", HTML), NotFoundError),
        (Reply(403, b"", HTML), NotFoundError),
        (Reply(429, b"", HTML), UnavailableError),
        (Reply(503, b"", HTML), UnavailableError),
        (Reply(200, b"%PDF", {"content-type": "application/pdf"}), NotFoundError),
        (Reply(200, b"<html>"), NotFoundError),
        (Reply(200, b"<svg/>", {"content-type": "image/svg+xml"}), NotFoundError),
        (Reply(200, b"\x1f\x8b", HTML | {"content-encoding": "gzip"}), UnavailableError),
        (Reply(302, b"", {"location": "/"}), NotFoundError),
        (Reply(302, b"", {"location": "https://[::1"}), InvalidInputError),
    ],
)
async def test_what_is_no_page_for_everybody_is_refused(site: Site, reply: Reply, refusal: type[Exception]) -> None:
    site.replies["/"] = reply
    with pytest.raises(refusal):
        await fetch(WebPages(site.url), f"{site.url}/")
    assert len(site.asked) <= MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/",
        "https://127.0.0.1/",
        "https://127.0.0.1:{port}/",
        "https://169.254.169.254/latest/meta-data",
        "http://169.254.169.254/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://elsewhere.example/",
        "http://elsewhere.example/",
        "https://elsewhere.example:8443/",
        "https://user:pass@elsewhere.example/",
        "file:///etc/passwd",
        "gopher://elsewhere.example/",
        "//127.0.0.1/",
    ],
)
async def test_neither_a_link_nor_a_redirect_leads_inside(site: Site, target: str) -> None:
    """The one server that the operator named is asked; whatever it leads to has to be public."""
    url = target.format(port=site.port)
    home = f"http://wiki.example:{site.port}"
    site.replies["/"] = Reply.redirect(url)
    for start in (f"{home}/", url if url[:2] != "//" else f"https:{url}"):
        with pytest.raises(AddressRefusedError):
            await fetch(WebPages(home, resolve=inside), start)
    assert site.paths() == ["/"]


async def test_without_a_home_nothing_inside_is_asked(site: Site) -> None:
    for url in (site.url, f"https://127.0.0.1:{site.port}", "https://desk.example", "https://localhost/"):
        with pytest.raises(AddressRefusedError):
            await fetch(WebPages(resolve=inside), url)
    assert site.asked == []


async def test_a_name_that_changes_its_meaning_is_not_followed(site: Site) -> None:
    """What was public when the first page was asked for is this machine when the redirect is followed."""
    answers = {"wiki.example": [["127.0.0.1"], ["127.0.0.1"]], "rebinds.example": [["127.0.0.1"], ["169.254.169.254"]]}

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return answers[host].pop(0)

    home = f"http://wiki.example:{site.port}"
    site.replies["/"] = Reply.redirect("https://rebinds.example/")
    for _ in range(2):
        with pytest.raises(AddressRefusedError):
            await fetch(WebPages(home, resolve=rebinding), f"{home}/")
    assert answers == {"wiki.example": [], "rebinds.example": []}
    assert site.paths() == ["/", "/"]


async def test_an_answer_that_drips_is_given_up() -> None:
    """Each byte comes in time, and the whole does not."""
    over = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        ended = asyncio.create_task(reader.read(-1))
        while not (await asyncio.wait([ended], timeout=0.01))[0]:
            writer.write(b"x")
        writer.close()
        over.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(UnavailableError):
        await fetch(WebPages(url, total_s=0.2), url)
    await over.wait()
    server.close()
    await server.wait_closed()


async def test_a_page_without_an_end_is_left_where_it_is_cut() -> None:
    over = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        ended = asyncio.create_task(reader.read(-1))
        while not ended.done() and not writer.is_closing():
            writer.write(b"x" * 10_000)
            await asyncio.wait([asyncio.ensure_future(writer.drain())])
            await asyncio.sleep(0)
        writer.transport.abort()
        over.set()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    page = await fetch(WebPages(url), url)
    assert (len(page.data), page.whole) == (1_000, False)
    await over.wait()
    server.close()
    await server.wait_closed()


async def test_nobody_is_called_where_pages_are_off() -> None:
    with pytest.raises(PagesOffError):
        await fetch(NonePages(), "https://desk.example")


def test_the_address_of_the_port() -> None:
    assert read_pages_address("web:") == ""
    assert read_pages_address("web:?home=http://wiki.internal:8080") == "http://wiki.internal:8080"
    for wrong in ("web:home", "web:?other=1", "web:?home=ftp://x", "web:?home=http://x/path", "web:?home="):
        with pytest.raises(AddressError):
            read_pages_address(wrong)
