"""What answers are made of on their way out, at the real server: packed, tagged, cut down to what was asked for."""

import gzip
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.running import Client, RunningServer

ALL = "gzip, deflate, br, zstd"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the sample market."""
    running = RunningServer(tmp_path_factory.mktemp("data"), OUTCRY_AUTH_HASH_MEMORY_KIB="1024").start()
    yield running
    assert running.stop() == 0


@pytest.fixture
async def person(desk: RunningServer) -> AsyncIterator[Client]:
    """Somebody who operates their own organisation."""
    person = await Client(desk.url).sign_up()
    person.http.headers["accept-encoding"] = ALL
    yield person
    await person.close()


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_bars_come_packed_and_once(person: Client, coding: str) -> None:
    path, headers = "/instruments/AAPL/bars?timeframe=1d&limit=2000", {"accept-encoding": coding}
    packed = await person.http.get(path, headers=headers)
    plain = await person.http.get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == coding
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.json() == plain.json()
    again = await person.http.get(path, headers={**headers, "if-none-match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    # The connection goes on after an answer without a body.
    assert (await person.http.get("/auth/me")).status_code == 200


async def test_what_gives_a_token_is_not_packed_nor_kept(person: Client) -> None:
    for path, body in (("/realtime/tickets", {}), ("/auth/refresh", None)):
        response = await person.http.post(path, json=body, headers={"x-outcry": "1"})
        assert response.is_success, response.text
        assert "content-encoding" not in response.headers
        assert response.headers["cache-control"] == "no-store"
        assert "etag" not in response.headers


async def test_every_list_and_thing_can_be_cut_down(person: Client) -> None:
    document = (await person.http.get("/openapi.json")).json()
    tried = 0
    for path, methods in document["paths"].items():
        if not _takes_fields(methods.get("get", {})) or "{" in path:
            continue
        url = path.removeprefix("/api/v1")
        whole = await person.http.get(url)
        wrong = await person.http.get(url, params={"fields": "no_such_member"})
        if whole.status_code != 200:
            assert wrong.status_code == whole.status_code, url
            continue
        body = whole.json()
        assert wrong.status_code == 422 or wrong.json() == ({} if isinstance(body, dict) else body), url
        if isinstance(body, dict):
            tried += 1
            for name in body:
                part = await person.http.get(url, params={"fields": name})
                assert part.json().keys() == {name}, url
    assert tried > 8


def _takes_fields(operation: dict[str, object]) -> bool:
    parameters = operation.get("parameters", [])
    return isinstance(parameters, list) and {"$ref": "#/components/parameters/Fields"} in parameters


async def test_a_bomb_is_refused_and_the_desk_goes_on(person: Client) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    for path in ("/auth/sign-in", "/rooms"):
        response = await person.http.post(
            path, content=bomb, headers={"content-encoding": "gzip", "content-type": "application/json"}
        )
        assert (response.status_code, response.json()["code"]) == (415, "unsupported_encoding")
        assert response.headers["x-content-type-options"] == "nosniff"
    assert (await person.http.get("/rooms")).status_code == 200


async def test_pages_come_as_the_build_packed_them(desk: RunningServer) -> None:
    async with httpx.AsyncClient(base_url=desk.url, headers={"accept-encoding": ALL}) as browser:
        page = await browser.get("/chart/AAPL")
        assert page.headers["content-encoding"] == "br"
        script = page.text.split('import("')[1].split('"')[0]
        answer = await browser.get(script)
        assert answer.headers["content-encoding"] == "br"
        assert "immutable" in answer.headers["cache-control"]
        head = await browser.head(script)
        assert head.headers["content-length"] == answer.headers["content-length"]
