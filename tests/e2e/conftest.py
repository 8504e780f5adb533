"""A running server on each database engine."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import PostgresqlServer
from tests.running import Client, RunningServer

# Where PostgreSQL is missing, the one of two servers that sends every call between services through bytes is too.
ENGINES = ("sqlite", "postgresql")


def server_settings(engine: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the environment that puts a server on an engine; PostgreSQL gets a database of its own."""
    if engine == "sqlite":
        return {}
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return {"OUTCRY_DATABASE": server.new_database()}


def far_apart(engine: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the environment of a server on an engine; on PostgreSQL services also call each other through bytes.

    So two servers show what four would: what fails on one of them only is one of the two differences.
    """
    extra = {"OUTCRY_LOOPBACK": "true"} if engine == "postgresql" else {}
    return server_settings(engine, request) | extra


# The tests of one server run on one worker, so that each server is started once.
SERVERS = [pytest.param(name, marks=pytest.mark.xdist_group(f"e2e-{name}")) for name in ENGINES]


# For what the engine makes no difference to.
ON_SQLITE = pytest.mark.parametrize("server", SERVERS[:1], indirect=True)


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of this test worker."""
    extra = far_apart(request.param, request)
    running = RunningServer(tmp_path_factory.mktemp("data"), OUTCRY_AUTH_HASH_MEMORY_KIB="1024", **extra).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
async def client(server: RunningServer) -> AsyncIterator[Client]:
    """A newly signed-up person."""
    person = await Client(server.url).sign_up()
    yield person
    await person.close()
