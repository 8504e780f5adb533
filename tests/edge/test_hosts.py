"""Under a public address the installation answers to no other name."""

from collections.abc import Sequence

import httpx
import pytest
from fastapi import FastAPI

from outcry.edge.counting import Counts
from outcry.edge.hosts import Hosts


async def ask(public_url: str, host: str, path: str = "/", counts: Counts | None = None) -> httpx.Response:
    """Ask an application that stands behind ``Hosts``."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/", lambda: "here")
    app.add_api_route("/livez", lambda: "alive")
    app.add_middleware(Hosts, public_url=public_url, counts=counts or Counts())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
        return await client.get(path, headers={"host": host})


@pytest.mark.parametrize(
    ("public_url", "fine", "refused"),
    [
        (
            "https://desk.example",
            ("desk.example", "DESK.example", "desk.example:443"),
            ("evil.example", "desk.example:80"),
        ),
        ("https://desk.example:8443", ("desk.example:8443",), ("desk.example", "desk.example.evil:8443", "")),
        ("http://[2001:db8::1]:80", ("[2001:db8::1]",), ("[2001:db8::2]", "2001:db8::1")),
        ("", ("anything.example", "127.0.0.1:8000"), ()),
    ],
)
async def test_hosts(public_url: str, fine: Sequence[str], refused: Sequence[str]) -> None:
    for host in fine:
        assert (await ask(public_url, host)).status_code == 200
    for host in refused:
        answer = await ask(public_url, host)
        assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")


async def test_refusals_are_counted_and_probes_come_by_number() -> None:
    counts = Counts()
    await ask("https://desk.example", "evil.example", counts=counts)
    assert counts.all() == {"unknown_host": 1}
    assert (await ask("https://desk.example", "10.0.0.7:8000", "/livez")).status_code == 200
