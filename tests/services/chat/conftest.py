"""The chat service over real databases, with the real auth service beside it."""

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
from outcry.services.auth.models import MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.settings import AuthSettings
from outcry.services.chat.commands import ChatCommands
from outcry.services.chat.contracts import ChatFacade
from outcry.services.chat.courier import Courier
from outcry.services.chat.queries import ChatQueries
from outcry.services.chat.replies import ChatReplies
from outcry.services.chat.settings import ChatSettings
from tests.conftest import OpenDatabase

SCOPES = frozenset({"chat:message:read"})


@dataclass
class Desk:
    """The chat service and what stands around it."""

    auth_database: RelationalDatabase
    database: RelationalDatabase
    realtime: MemoryRealtime
    clock: FakeClock
    commands: ChatCommands
    queries: ChatQueries
    replies: ChatFacade

    async def new_organisation(self) -> UUID:
        """Make an organisation."""
        row = OrganisationRow(id=new_id(), name="Desk", created_at=self.clock.now())
        async with self.auth_database.transaction() as transaction:
            transaction.session.add(row)
        return row.id

    async def new_person(self, name: str, tenant_id: UUID | None = None) -> Principal:
        """Make a member of an organisation, of a new one when none is named."""
        tenant_id = tenant_id or await self.new_organisation()
        email = f"{name.lower()}@example.com"
        person = PersonRow(id=new_id(), email=email, email_key=email, name=name, created_at=self.clock.now())
        async with self.auth_database.transaction() as transaction:
            transaction.session.add(person)
            await transaction.session.flush()
            membership = MembershipRow(
                person_id=person.id, organisation_id=tenant_id, role="member", joined_at=self.clock.now()
            )
            transaction.session.add(membership)
        return Principal(user_id=person.id, tenant_id=tenant_id, role="member", scopes=SCOPES, session_id=new_id())


@pytest.fixture(params=["direct", "loopback"])
async def desk(
    request: pytest.FixtureRequest, open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path
) -> Desk:
    """The chat service, its calls to others direct and then through bytes and back."""
    auth_database, database = await open_database("auth"), await open_database("chat")
    auth_module = auth.build(
        database=auth_database,
        secrets=FilesSecrets(tmp_path / "secrets", environment={}),
        cache=MemoryCache(fake_clock),
        clock=fake_clock,
        settings=AuthSettings(),
    )
    people = auth_module.facade
    assert isinstance(people, AuthFacade)
    realtime = MemoryRealtime()
    courier = Courier(realtime)
    replies: ChatFacade = ChatReplies(database=database, courier=courier, clock=fake_clock)
    if request.param == "loopback":
        people = loopback(AuthFacade, people)
        replies = loopback(ChatFacade, replies)
    return Desk(
        auth_database=auth_database,
        database=database,
        realtime=realtime,
        clock=fake_clock,
        commands=ChatCommands(
            database=database, courier=courier, auth=people, clock=fake_clock, settings=ChatSettings(most_members=4)
        ),
        queries=ChatQueries(database=database, realtime=realtime),
        replies=replies,
    )
