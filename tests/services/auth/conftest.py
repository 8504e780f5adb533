"""An auth service on each engine, wired as main wires it, and browsers that talk to it over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.middleware import Middleware

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.challenges.none import NoneChallenges
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.erasures.folder import FolderErasures
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.adapters.secrets.files import FilesSecrets
from outcry.edge.problems import install_problem_handlers
from outcry.edge.request_identity import RequestIdentity
from outcry.kit.clock import FakeClock
from outcry.kit.events import Envelope
from outcry.kit.module import Module
from outcry.kit.principal import Principal
from outcry.kit.privacy import PersonalParts
from outcry.ports.challenges import Challenges
from outcry.ports.mail import MailMessage
from outcry.services.auth.contracts import AuthFacade
from outcry.services.auth.module import build
from outcry.services.auth.settings import AuthSettings
from tests.services.people import FAST, Postbox, make_provider

OpenDatabase = Callable[[str], Awaitable[RelationalDatabase]]

PASSWORD = "purple tram eats seven violins"


class Browser:
    """One browser at one address: it keeps its cookies, and sends what the web application sends."""

    def __init__(self, app: FastAPI, *, address: str = "203.0.113.7", scheme: str = "http") -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 5_000))
        self.http = httpx.AsyncClient(transport=transport, base_url=f"{scheme}://desk.example/api/v1/auth")

    async def register(
        self, email: str = "ann@example.com", password: str = PASSWORD, name: str = "Ann Lee"
    ) -> httpx.Response:
        return await self.http.post("/register", json={"email": email, "password": password, "name": name})

    async def sign_in(self, email: str = "ann@example.com", password: str = PASSWORD) -> httpx.Response:
        return await self.http.post("/sign-in", json={"email": email, "password": password})

    async def refresh(self, token: str | None = None) -> httpx.Response:
        """Refresh with the browser's own cookie, or with a token that it got from somewhere."""
        if token is not None:
            self.http.cookies.clear()
            self.http.cookies.set("outcry_refresh", token, domain="desk.example", path="/api/v1/auth")
        return await self.http.post("/refresh", headers={"X-Outcry": "1"})

    async def sign_out(self) -> httpx.Response:
        return await self.http.post("/sign-out", headers={"X-Outcry": "1"})

    async def get_me(self, access_token: str) -> httpx.Response:
        return await self.http.get("/me", headers={"Authorization": f"Bearer {access_token}"})

    @property
    def token(self) -> str:
        """The refresh token in the cookie."""
        return self.http.cookies["outcry_refresh"]


@dataclass
class Desk:
    """A running auth service. ``open_again`` starts another process's worth of it on the same engines."""

    app: FastAPI
    module: Module
    realtime: MemoryRealtime
    postbox: Postbox
    facade: AuthFacade
    database: RelationalDatabase
    secrets: FilesSecrets
    blobs: ObstoreBlobs
    erasures: FolderErasures
    parts: PersonalParts
    clock: FakeClock
    settings: AuthSettings
    open_again: Callable[[], Awaitable["Desk"]]

    def browser(self, **where: Any) -> Browser:
        return Browser(self.app, **where)

    async def events(self, name: str = "") -> list[Envelope]:
        """Return what was published, oldest first, in the outbox as it would be delivered."""
        rows = await self.database.pending(after=0, limit=1_000)
        return [envelope for _, envelope, _ in rows if not name or envelope.name == name]

    async def deliver(self) -> list[MailMessage]:
        """Give every event in the outbox to its handler, as the relay does; return the mails that went out."""
        rows = await self.database.pending(after=0, limit=1_000)
        for _, envelope, _ in rows:
            if handler := self.module.handlers.get(envelope.name):
                await handler(envelope)
        await self.database.delivered([position for position, _, _ in rows])
        return self.postbox.messages

    async def authenticate(self, response: httpx.Response) -> Principal:
        """Return the principal of the access token in a response."""
        return await self.facade.authenticate(access_token=response.json()["access_token"])


def words_of(answer: httpx.Response) -> dict[str, Any]:
    """Return what a refusal says, but for the id of its request, which every answer has its own of."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}


@pytest.fixture
def settings() -> AuthSettings:
    """The settings of the auth service; a file of tests may have its own."""
    return FAST


@pytest.fixture
async def challenges() -> Challenges:
    """Nobody is asked for one; a file of tests may have its own."""
    return NoneChallenges()


@pytest.fixture
async def desk(
    open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path, settings: AuthSettings, challenges: Challenges
) -> AsyncIterator[Desk]:
    """Give an auth service without people, on each engine in turn."""
    database = await open_database("auth")
    cache = MemoryCache(fake_clock)
    realtime, postbox, blobs, parts = MemoryRealtime(), Postbox(), ObstoreBlobs.in_memory(), PersonalParts()
    erasures = FolderErasures(tmp_path / "erasures")
    secrets = FilesSecrets(tmp_path / "secrets", environment={})
    async with AsyncExitStack() as stack:

        async def open_one() -> Desk:
            module = build(
                database=database,
                secrets=secrets,
                cache=cache,
                realtime=realtime,
                mail=postbox,
                make_provider=make_provider,
                challenges=challenges,
                blobs=blobs,
                erasures=erasures,
                parts=parts,
                clock=fake_clock,
                settings=settings,
            )
            facade = module.facade
            assert isinstance(facade, AuthFacade)

            async def authenticate(request: Request) -> Principal:
                token = request.headers.get("authorization", "").removeprefix("Bearer ")
                return await facade.authenticate(access_token=token)

            app = FastAPI(middleware=[Middleware(RequestIdentity)])
            install_problem_handlers(app)
            app.state.authenticate = authenticate
            app.router.routes.extend(module.router.routes)  # including it would build each route anew
            await module.start()
            stack.push_async_callback(module.stop)
            return Desk(
                app=app,
                module=module,
                realtime=realtime,
                postbox=postbox,
                facade=facade,
                database=database,
                secrets=secrets,
                blobs=blobs,
                erasures=erasures,
                parts=parts,
                clock=fake_clock,
                settings=settings,
                open_again=open_one,
            )

        yield await open_one()
