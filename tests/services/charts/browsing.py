"""People who look at charts in a browser, for tests over HTTP: an analyst's rights unless another role is said."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.errors import OutcryError
from outcry.kit.module import Module
from outcry.kit.principal import Principal
from outcry.services.auth.permissions import scopes_of
from tests.services.charts.conftest import Charts
from tests.services.charts.rooms import FewRooms


def make_person(tenant_id: UUID, role: str = "analyst") -> Principal:
    """Return somebody of an organisation."""
    scopes = scopes_of(role, operator=False)
    return Principal(user_id=uuid4(), tenant_id=tenant_id, role=role, scopes=scopes, session_id=uuid4())


@dataclass
class Desk:
    """The charts service behind HTTP, its topics, and rooms."""

    charts: Charts
    module: Module
    realtime: MemoryRealtime
    rooms: FewRooms
    http: httpx.AsyncClient
    people: dict[str, Principal] = field(default_factory=dict)

    def new_person(self, role: str = "analyst", *, tenant_id: UUID | None = None) -> Principal:
        """Return somebody of the organisation, of another one when it is named."""
        person = make_person(tenant_id or self.charts.tenant, role)
        self.people[str(person.user_id)] = person
        return person

    async def call(
        self, person: Principal | None, method: str, path: str, body: Any = None, *, status: int = 200
    ) -> Any:
        """Call an endpoint as somebody and return its JSON; the status must be as said."""
        headers = {"as": str(person.user_id)} if person else {}
        answer = await self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    async def follow(self, topic: str) -> list[dict[str, Any]]:
        """Return the list that what a log topic carries is put into."""
        heard: list[dict[str, Any]] = []
        await self.realtime.follow_log(topic, None, lambda update: heard.append(json.loads(update.data)))
        return heard


def make_desk(charts: Charts, module: Module, realtime: MemoryRealtime, rooms: FewRooms) -> Desk:
    """Return the service as browsers reach it."""
    app = FastAPI()
    app.include_router(module.router)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    http = httpx.AsyncClient(transport=transport, base_url="http://desk/api/v1")
    desk = Desk(charts=charts, module=module, realtime=realtime, rooms=rooms, http=http)

    async def authenticate(request: Request) -> Principal:
        return desk.people[request.headers["as"]]

    async def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OutcryError)
        return JSONResponse(error.to_problem(), status_code=error.status)

    app.state.authenticate = authenticate
    app.add_exception_handler(OutcryError, problem)
    return desk
