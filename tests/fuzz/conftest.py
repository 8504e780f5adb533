"""A server that is cheap to call often, and those who call it."""

from collections.abc import Iterator

import pytest

from tests.fuzz.callers import Guest, Owner
from tests.running import RunningServer

CHEAP = {
    "OUTCRY_CHARTS_REPLAY_RUNNING": "false",
    "OUTCRY_AUDIT_CHECKPOINT_EVERY_S": "1",
    "OUTCRY_AUTH_HASH_TIME_COST": "1",
    "OUTCRY_AUTH_HASH_MEMORY_KIB": "8",
    "OUTCRY_AUTH_HASH_PARALLELISM": "1",
    "OUTCRY_AUTH_FAILURES_PER_ACCOUNT": "1000000",
    "OUTCRY_AUTH_FAILURES_PER_ADDRESS": "1000000",
    "OUTCRY_AUTH_FAILURES_FROM_STRANGERS": "1000000",
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of this test worker, with small password hashes."""
    running = RunningServer(tmp_path_factory.mktemp("data"), **CHEAP).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def owner(server: RunningServer) -> Iterator[Owner]:
    """The owner of an organisation."""
    with Owner(server) as somebody:
        yield somebody


@pytest.fixture(scope="session")
def guest(server: RunningServer) -> Iterator[Guest]:
    """The guest of a room."""
    with Guest(server) as somebody:
        yield somebody
