"""The Filings port on a real HTTP server that answers as the SEC's does; the SEC itself is never asked."""

from collections.abc import AsyncIterator

import pytest

from outcry.adapters.filings.none import NoneFilings
from outcry.adapters.filings.sec import SecFilings, read_sec_address
from outcry.kit.address import AddressError
from outcry.kit.errors import NotFoundError, UnavailableError
from outcry.ports.filings import FilingsOffError
from tests.adapters_support.web_server import Asked, Reply, WebServer

APPLE = "/api/xbrl/companyfacts/CIK0000320193.json"


class Edgar(WebServer):
    """Knows one company."""

    async def answer(self, asked: Asked) -> Reply:
        if asked.path == APPLE:
            return Reply.json({"cik": 320193, "facts": {}})
        return Reply(404, b"<Error><Code>NoSuchKey</Code></Error>")


@pytest.fixture
async def edgar() -> AsyncIterator[Edgar]:
    async with Edgar() as server:
        yield server


@pytest.fixture
async def filings(edgar: Edgar) -> AsyncIterator[SecFilings]:
    sec = SecFilings(read_sec_address(f"sec:ops@desk.example?base={edgar.url}"))
    yield sec
    await sec.close()


async def test_a_companys_facts_are_asked_for_by_who_says_who_they_are(edgar: Edgar, filings: SecFilings) -> None:
    assert await filings.company_facts("320193") == b'{"cik": 320193, "facts": {}}'
    assert edgar.asked[0].headers["user-agent"] == "outcry ops@desk.example"


async def test_a_company_that_files_nothing_is_not_found(edgar: Edgar, filings: SecFilings) -> None:
    with pytest.raises(NotFoundError):
        await filings.company_facts("1")
    for nonsense in ("", "1/../2", "12345678901", "１２"):
        with pytest.raises(NotFoundError):
            await filings.company_facts(nonsense)
    assert len(edgar.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [Reply(500), Reply(403), Reply(429), Reply.redirect("http://127.0.0.1:1/"), Reply(200, b"x" * (64 * 2**20 + 1))],
    ids=["500", "403", "429", "redirect", "too-large"],
)
async def test_what_is_no_answer_is_told_as_one_that_may_come_later(
    edgar: Edgar, filings: SecFilings, reply: Reply
) -> None:
    edgar.replies[APPLE] = reply
    with pytest.raises(UnavailableError):
        await filings.company_facts("320193")


async def test_a_server_that_is_away_is_told() -> None:
    sec = SecFilings(read_sec_address("sec:ops@desk.example?base=http://127.0.0.1:1"))
    try:
        with pytest.raises(UnavailableError):
            await sec.company_facts("320193")
    finally:
        await sec.close()


async def test_nobody_is_asked_unless_it_is_wished() -> None:
    none = NoneFilings()
    with pytest.raises(FilingsOffError, match="OUTCRY_FILINGS"):
        await none.company_facts("320193")
    await none.close()


@pytest.mark.parametrize(
    "text",
    [
        "sec:",
        "sec:nobody",
        "sec:a@b.example?base=",
        "sec:a@b.example?url=https://x",
        "sec:a@b?base=ftp://x",
    ],
)
def test_an_address_without_a_contact_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        read_sec_address(text)
