"""Chromium, and a server started by the README's command."""

import shutil
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.e2e.conftest import server_settings
from tests.running import RunningServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium once a worker; skip where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def made_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server started by ``make run``, on the embedded default and on PostgreSQL."""
    settings = server_settings(request.param, request)
    running = RunningServer(tmp_path_factory.mktemp("data"), command=("make", "run"), **settings)
    yield running.start(within_s=300)
    running.stop()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that people reach by a name: browsers make no passkeys for an IP address."""
    port = free_port()
    url = f"http://localhost:{port}"
    running = RunningServer(tmp_path_factory.mktemp("data"), PORT=str(port), OUTCRY_PUBLIC_URL=url).start()
    running.url = url
    yield running
    running.stop()
