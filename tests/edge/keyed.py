"""A small application behind the real layer, over real databases and the real auth service, for tests of keys."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import StreamingResponse

from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.secrets.files import FilesSecrets
from outcry.edge.counting import Counts
from outcry.edge.idempotency.layer import Idempotency
from outcry.edge.idempotency.requests import KeyedRequests
from outcry.edge.problems import install_problem_handlers
from outcry.edge.settings import EdgeSettings
from outcry.kit.clock import FakeClock
from outcry.kit.http import bearer_of, requires
from outcry.kit.module import Module
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import AuthFacade
from tests.running import PASSWORD
from tests.services.people import build_auth


@dataclass
class Work:
    """What the endpoints did, and what holds them up."""

    done: list[bytes] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def router(self) -> APIRouter:
        """Return endpoints of every way to answer."""
        router = APIRouter(prefix="/api/v1/things")
        router.add_api_route("", self.make, methods=["POST", "PUT", "GET"], status_code=201)
        router.add_api_route("/slow", self.slow, methods=["POST"])
        router.add_api_route("/status/{status}", self.status, methods=["POST"], dependencies=[requires("auth:me:read")])
        router.add_api_route("/broken", self.broken, methods=["POST"])
        router.add_api_route("/stream", self.stream, methods=["POST"])
        router.add_api_route("/secret", self.secret, methods=["POST"])
        router.add_api_route("/gone", self.gone, methods=["DELETE"], status_code=204)
        return router

    async def make(self, request: Request, response: Response) -> dict[str, Any]:
        """Do something at once."""
        self.done.append(await request.body())
        response.headers["location"] = f"/api/v1/things/{len(self.done)}"
        response.headers["x-other"] = "not kept"
        return {"number": len(self.done), "word": "Jürgen"}

    async def slow(self, request: Request) -> dict[str, int]:
        """Do something as soon as the test says so."""
        self.begun.set()
        await self.go_on.wait()
        self.done.append(await request.body())
        return {"number": len(self.done)}

    async def status(self, status: int) -> Response:
        """Answer with a status."""
        self.done.append(b"")
        return Response(str(len(self.done)), status_code=status)

    async def broken(self) -> None:
        """Raise what nobody foresaw."""
        self.done.append(b"")
        raise RuntimeError("nobody foresaw this")

    async def stream(self) -> StreamingResponse:
        """Answer in parts."""
        self.done.append(b"")

        async def parts() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"part"

        return StreamingResponse(parts())

    async def secret(self, response: Response) -> dict[str, str]:
        """Answer what must not be kept."""
        self.done.append(b"")
        response.headers["cache-control"] = "no-store"
        return {"token": "hidden-words"}

    async def gone(self) -> None:
        """Answer nothing."""
        self.done.append(b"")


@dataclass
class Keyed:
    """The application, and what stands around it."""

    app: FastAPI
    auth: AuthFacade
    database: RelationalDatabase
    requests: KeyedRequests
    clock: FakeClock
    work: Work
    counts: Counts
    http: httpx.AsyncClient

    async def person(self, name: str) -> dict[str, str]:
        """Sign somebody up, and return what their requests carry."""
        self.http.cookies.clear()  # another browser: signing in ends the session that there was
        body = {"email": f"{name}@example.com", "password": PASSWORD, "name": name}
        return _bearer(await self.http.post("/api/v1/auth/register", json=body))

    async def again(self, name: str) -> dict[str, str]:
        """Sign somebody in, whose token is too old by now."""
        body = {"email": f"{name}@example.com", "password": PASSWORD}
        return _bearer(await self.http.post("/api/v1/auth/sign-in", json=body))


def _bearer(answer: httpx.Response) -> dict[str, str]:
    assert answer.is_success, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


async def start_auth(database: RelationalDatabase, clock: FakeClock, folder: Path) -> Module:
    """Return the real auth service, started."""
    module = build_auth(database, FilesSecrets(folder / "secrets", environment={}), clock, folder)
    await module.start()
    return module


def build_app(
    module: Module, requests: KeyedRequests, work: Work, counts: Counts, settings: EdgeSettings
) -> tuple[FastAPI, AuthFacade]:
    """Return an application with the layer around it."""
    facade = module.facade
    assert isinstance(facade, AuthFacade)

    async def authenticate(request: Request) -> Principal:
        return await facade.authenticate(access_token=bearer_of(request))

    app = FastAPI(openapi_url=None)
    install_problem_handlers(app)
    app.state.authenticate = authenticate
    app.include_router(module.router)
    app.include_router(work.router())
    most = settings.idempotency_answer_bytes
    app.add_middleware(Idempotency, requests=requests, auth=facade, limits=None, most_bytes=most, counts=counts)
    return app, facade
