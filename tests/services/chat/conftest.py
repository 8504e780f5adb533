"""The chat service over real databases, with the real auth service beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.clock import FakeClock
from outcry.kit.facade import loopback
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth import module as auth
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.commands import ChatCommands
from outcry.services.chat.contracts import ChatFacade
from outcry.services.chat.courier import Courier
from outcry.services.chat.queries import ChatQueries
from outcry.services.chat.replies import ChatReplies
from outcry.services.chat.settings import ChatSettings
from tests.conftest import OpenDatabase
from tests.services.people import FAST, Crowd, Postbox

SCOPES = frozenset({"chat:message:read"})


@dataclass
class Desk:
    """The chat service and what stands around it."""

    crowd: Crowd
    database: RelationalDatabase
    realtime: MemoryRealtime
    clock: FakeClock
    commands: ChatCommands
    queries: ChatQueries
    replies: ChatFacade

    async def new_person(self, name: str, tenant_id: UUID | None = None) -> Principal:
        """Make a member of an organisation, of a new one when none is named."""
        tenant_id = tenant_id or await self.crowd.new_organisation()
        person_id = await self.crowd.new_person(name, tenant_id)
        return Principal(user_id=person_id, tenant_id=tenant_id, role="member", scopes=SCOPES, session_id=new_id())


@pytest.fixture(params=["direct", "loopback"])
async def desk(
    request: pytest.FixtureRequest, open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path
) -> AsyncIterator[Desk]:
    """The chat service, its calls to others direct and then through bytes and back."""
    auth_database, database = await open_database("auth"), await open_database("chat")
    secrets, realtime = FilesSecrets(tmp_path / "secrets", environment={}), MemoryRealtime()
    auth_module = auth.build(
        database=auth_database,
        secrets=secrets,
        cache=MemoryCache(fake_clock),
        realtime=realtime,
        mail=Postbox(),
        clock=fake_clock,
        settings=FAST,
    )
    await auth_module.start()
    people = auth_module.facade
    assert isinstance(people, AuthFacade)
    courier = Courier(realtime)
    replies: ChatFacade = ChatReplies(database=database, courier=courier, clock=fake_clock)
    if request.param == "loopback":
        people = loopback(AuthFacade, people)
        replies = loopback(ChatFacade, replies)
    yield Desk(
        crowd=Crowd(auth_database, secrets, fake_clock),
        database=database,
        realtime=realtime,
        clock=fake_clock,
        commands=ChatCommands(
            database=database, courier=courier, auth=people, clock=fake_clock, settings=ChatSettings(most_members=4)
        ),
        queries=ChatQueries(database=database, realtime=realtime),
        replies=replies,
    )
    await auth_module.stop()
