"""The single entry: one ASGI application for the API, the realtime socket and the web pages."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from outcry.edge.batch import Entry, batch_router
from outcry.edge.calls import Calls
from outcry.edge.compression import Compression
from outcry.edge.counting import Counts, counts_router
from outcry.edge.etags import ETags
from outcry.edge.fan_out import FanOut
from outcry.edge.fields import Fields
from outcry.edge.forwarding import Forwarding
from outcry.edge.headers import SecurityHeaders
from outcry.edge.hosts import Hosts
from outcry.edge.idempotency.layer import Idempotency
from outcry.edge.idempotency.requests import KeyedRequests
from outcry.edge.last_resort import LastResort
from outcry.edge.limiting import Limiter, Limits, PersonLimits
from outcry.edge.openapi import install_document
from outcry.edge.origins import Origins
from outcry.edge.paths import PlainPaths
from outcry.edge.plain_bodies import PlainBodies
from outcry.edge.problems import install_problem_handlers
from outcry.edge.queries import refuse_repeated
from outcry.edge.remembering import RememberingRealtime
from outcry.edge.request_identity import RequestIdentity
from outcry.edge.session_watch import SessionWatch
from outcry.edge.settings import EdgeSettings
from outcry.edge.shedding import LoopLag, Places, Shedding
from outcry.edge.sizes import PICTURE, BodySizes
from outcry.edge.socket import RealtimeSocket, SocketParts
from outcry.edge.static import Pages, WebApplication
from outcry.edge.strict_json import StrictJson
from outcry.edge.tickets import Tickets, ticket_router
from outcry.kit.http import bearer_of, public
from outcry.kit.module import Module, SocketCall
from outcry.kit.principal import Principal
from outcry.ports.cache import Cache
from outcry.ports.challenges import Widget
from outcry.ports.realtime import Realtime
from outcry.services.auth.contracts import KEY_MARK, AuthFacade

Ready = Callable[[], Awaitable[None]]


def make_app(
    *,
    modules: Sequence[Module],
    auth: AuthFacade,
    realtime: Realtime,
    cache: Cache,
    ready: Ready,
    version: str,
    web_folder: Path | None,
    settings: EdgeSettings,
    limiter: Limiter,
    counts: Counts,
    keyed: KeyedRequests,
    public_url: str = "",
    pushed: Sequence[type] = (),
    widget: Widget | None = None,
) -> FastAPI:
    """Return the application. ``ready`` raises while an engine does not answer; under ``public_url`` people reach it.

    ``pushed`` are the types that travel over the socket and no endpoint; the OpenAPI document describes them too.
    ``widget`` is what pages show to who fails often; its origins get into their policy, and no others.
    """
    limits = _person_limits(settings, limiter)
    idempotency = Middleware(
        Idempotency,
        requests=keyed,
        auth=auth,
        limits=limits,
        most_bytes=settings.idempotency_answer_bytes,
        counts=counts,
    )
    app = FastAPI(
        title="Outcry",
        middleware=[*edge_layers(settings, public_url, limiter, counts), idempotency],
        version=version,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        dependencies=[Depends(refuse_repeated)],
    )
    install_problem_handlers(app)
    app.state.counts = counts
    app.state.authenticate = _authenticator(auth, limits)
    app.state.report_refusal = lambda refusal: auth.report_refusal(refusal=refusal)
    app.include_router(_health(ready))
    app.include_router(counts_router(counts))
    # Routes are tried one after the other. Those of the socket come first: after a cut everybody comes by them at once.
    tickets = Tickets(cache)
    app.include_router(ticket_router(tickets))
    _add_socket(app, modules, auth, realtime, tickets, settings, limits)
    for module in modules:
        if module.router is not None:
            app.include_router(module.router)
    # So that the batch still tells what was done, before the whole of it would be given up.
    app.include_router(batch_router(seconds=0.75 * settings.request_seconds))
    install_document(app, pushed, _calls_of(modules))
    if web_folder:
        app.router.routes.append(Pages("/", WebApplication(web_folder, origins=widget.origins if widget else ())))
    return app


def edge_layers(settings: EdgeSettings, public_url: str, limiter: Limiter, counts: Counts) -> list[Middleware]:
    """Return what every request passes, the outermost first."""
    layers = [
        Middleware(Forwarding, trusted=settings.trusted_proxies, header=settings.forwarded_by, counts=counts),
        Middleware(RequestIdentity),
        Middleware(SecurityHeaders),
        Middleware(PlainPaths, counts=counts),
        Middleware(Hosts, public_url=public_url, counts=counts),
        Middleware(Origins, public_url=public_url, allowed=settings.allowed_origins, counts=counts),
        Middleware(LastResort),
        Middleware(Limits, limiter=limiter, quotas=settings.quotas("address")) if settings.limiting else None,
        Middleware(
            BodySizes,
            most=settings.body_bytes,
            others={PICTURE: settings.picture_bytes},
            most_held=settings.bodies_bytes,
            counts=counts,
            most_upload=settings.upload_bytes,
        ),
        Middleware(PlainBodies, counts=counts),
        _shedding(settings, counts),
        Middleware(Compression, counts=counts),
        Middleware(StrictJson, counts=counts),
        _entry(settings, limiter),
        Middleware(ETags),
        Middleware(Fields),
    ]
    return [layer for layer in layers if layer]


def _entry(settings: EdgeSettings, limiter: Limiter) -> Middleware:
    """Return where each request of a batch enters, and what of the layers before is for each of them too."""
    counting = Middleware(Limits, limiter=limiter, quotas=settings.quotas("address"))
    return Middleware(Entry, inner=(Middleware(RequestIdentity), *((counting,) if settings.limiting else ())))


def _operation_id(route: APIRoute) -> str:
    return route.name


def _shedding(settings: EdgeSettings, counts: Counts) -> Middleware:
    places = Places(
        in_work=settings.requests_in_work, waiting=settings.requests_waiting, patience_s=settings.wait_seconds
    )
    return Middleware(
        Shedding,
        places=places,
        lag=LoopLag(),
        most_lag_s=settings.lag_seconds,
        seconds=settings.request_seconds,
        counts=counts,
        uploads=Places(in_work=settings.uploads, waiting=settings.uploads, patience_s=settings.wait_seconds),
        upload_seconds=settings.upload_seconds,
    )


def _person_limits(settings: EdgeSettings, limiter: Limiter) -> PersonLimits | None:
    if not settings.limiting:
        return None
    return PersonLimits(limiter, people=settings.quotas("person"), keys=settings.quotas("key"))


def _authenticator(auth: AuthFacade, limits: PersonLimits | None) -> Callable[[Request], Awaitable[Principal]]:
    async def authenticate(request: Request) -> Principal:
        token = bearer_of(request)
        principal = await auth.authenticate(access_token=token)
        if limits:
            await limits.admit(request.scope, principal, by_key=token.startswith(KEY_MARK))
        return principal

    return authenticate


def _health(ready: Ready) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/livez", dependencies=[public()], include_in_schema=False)
    async def livez() -> dict[str, str]:
        """Say that the process runs."""
        return {"status": "alive"}

    @router.get("/readyz", dependencies=[public()], include_in_schema=False)
    async def readyz() -> JSONResponse:
        """Say whether every engine answers."""
        try:
            await ready()
        except Exception as error:
            return JSONResponse({"status": "not ready", "reason": type(error).__name__}, status_code=503)
        return JSONResponse({"status": "ready"})

    return router


def _calls_of(modules: Sequence[Module]) -> dict[str, SocketCall]:
    return {name: call for module in modules for name, call in module.calls.items()}


def _add_socket(
    app: FastAPI,
    modules: Sequence[Module],
    auth: AuthFacade,
    realtime: Realtime,
    tickets: Tickets,
    settings: EdgeSettings,
    limits: PersonLimits | None,
) -> None:
    calls = Calls(_calls_of(modules), limits=limits, report=lambda refusal: auth.report_refusal(refusal=refusal))
    topics = {prefix: topic for module in modules for prefix, topic in module.topics.items()}
    remembering = RememberingRealtime(realtime, topics)
    fan_out = FanOut(remembering)
    parts = SocketParts(
        auth=auth,
        realtime=remembering,
        tickets=tickets,
        topics=topics,
        calls=calls,
        fan_out=fan_out,
        watch=SessionWatch(fan_out.look, every_s=settings.heartbeat_seconds),
        quota=settings.frame_quota(),
        limits=limits,
    )

    @app.websocket("/api/v1/realtime")
    async def follow(socket: WebSocket) -> None:
        await RealtimeSocket.serve(socket, parts)
