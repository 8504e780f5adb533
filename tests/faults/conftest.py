"""The same servers as the end-to-end tests, each test with one of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import server_settings
from tests.running import RunningServer


@pytest.fixture(params=["sqlite", "postgresql"])
def own_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    """A server that a test may kill."""
    running = RunningServer(tmp_path / "data", **server_settings(request.param, request)).start()
    yield running
    running.stop()
    # Shown by pytest when the test failed.
    print("".join(running.output))
