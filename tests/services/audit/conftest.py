"""The audit service over real databases, with the real auth service beside it."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.secrets.files import FilesSecrets
from outcry.edge.problems import install_problem_handlers
from outcry.kit.clock import FakeClock
from outcry.kit.events import Envelope, Event, seal
from outcry.kit.facade import loopback
from outcry.kit.ids import new_id
from outcry.kit.module import Module
from outcry.kit.principal import Principal
from outcry.services.audit import module as audit
from outcry.services.audit.checkpoints import Checkpoints
from outcry.services.audit.notes import Checkpoint, open_checkpoint, parse_verifier_key
from outcry.services.audit.settings import AuditSettings
from outcry.services.audit.tree import hash_leaf, verify_inclusion
from outcry.services.auth.contracts import AuthFacade
from outcry.services.auth.permissions import scopes_of
from outcry.services.auth.vault import Vault
from tests.conftest import OpenDatabase
from tests.services.people import Crowd, build_auth


@dataclass
class Desk:
    """The audit service and what stands around it."""

    module: Module
    database: RelationalDatabase
    blobs: ObstoreBlobs
    clock: FakeClock
    crowd: Crowd
    people: AuthFacade
    http: httpx.AsyncClient
    reader: Principal
    checkpoints: Checkpoints

    async def tell(
        self,
        event: Event,
        tenant_id: UUID,
        *,
        actor_id: UUID | None = None,
        address: str = "203.0.113.9",
    ) -> Envelope:
        """Let an event arrive."""
        envelope = seal(
            event,
            clock=self.clock,
            tenant_id=tenant_id,
            key="k",
            actor_id=actor_id,
            causation_id=new_id(),
            trace="ab" * 16,
            address=address,
        )
        await self.module.handlers[event.name](envelope)
        return envelope

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        """Ask the API as the reader."""
        return await self.http.get(f"/api/v1/audit{path}", params=parameters)

    async def entries(self, **parameters: Any) -> list[dict[str, Any]]:
        """Return the entries of the first page."""
        answer = await self.get("/entries", **parameters)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def sign(self) -> None:
        """Sign what grew and copy what is signed, as happens every minute."""
        await self.checkpoints.sign_grown()
        await self.checkpoints.copy_new()

    async def destroy_key(self, person_id: UUID) -> None:
        """Destroy a person's key, as erasing them does."""
        vault = Vault(self.crowd.secrets, self.clock)
        async with self.crowd.database.transaction() as transaction:
            await vault.destroy_person(transaction.session, person_id)


def check_proof(proof: dict[str, Any]) -> Checkpoint:
    """Verify a proof as somebody else would, who has nothing but the answer and the key."""
    checkpoint = open_checkpoint(proof["checkpoint"]["note"], parse_verifier_key(proof["key"]))
    verify_inclusion(
        index=proof["index"],
        size=checkpoint.size,
        leaf_hash=hash_leaf(proof["leaf"].encode()),
        proof=[base64.b64decode(one) for one in proof["hashes"]],
        root=checkpoint.root,
    )
    return checkpoint


async def _new_owner(crowd: Crowd) -> Principal:
    tenant_id = await crowd.new_organisation()
    return Principal(
        user_id=await crowd.new_person("Olga", tenant_id, role="owner"),
        tenant_id=tenant_id,
        role="owner",
        scopes=scopes_of("owner", operator=False),
        session_id=new_id(),
        fresh=True,
    )


@pytest.fixture
async def desk(open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path) -> AsyncIterator[Desk]:
    """Give an audit service without entries, an owner who reads it, and an organisation.

    On PostgreSQL its calls to others go through bytes and back.
    """
    auth_database, database = await open_database("auth"), await open_database("audit")
    secrets, blobs = FilesSecrets(tmp_path / "secrets", environment={}), ObstoreBlobs.in_memory()
    auth_module = build_auth(auth_database, secrets, fake_clock, tmp_path, blobs=blobs)
    await auth_module.start()
    facade = auth_module.facade
    assert isinstance(facade, AuthFacade)
    people = loopback(AuthFacade, facade) if database.engine_name == "postgresql" else facade
    module = audit.build(
        database=database,
        auth=people,
        secrets=secrets,
        blobs=blobs,
        clock=fake_clock,
        settings=AuditSettings(checkpoint_entries=10),
    )
    await module.start()
    checkpoints = Checkpoints(
        database=database, secrets=secrets, blobs=blobs, clock=fake_clock, settings=AuditSettings()
    )
    await checkpoints.read_key()
    crowd = Crowd(auth_database, secrets, fake_clock)
    reader = await _new_owner(crowd)

    async def authenticate(_: Request) -> Principal:
        return reader

    app = FastAPI()
    install_problem_handlers(app)
    app.state.authenticate = authenticate
    app.include_router(module.router)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as http:
        yield Desk(module, database, blobs, fake_clock, crowd, people, http, reader, checkpoints)
    await module.stop()
    await auth_module.stop()
