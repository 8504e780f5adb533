"""POST /api/v1/batch: several requests in one, each let in, counted and answered as if it came alone."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import APIRouter, Request
from pydantic import Field, JsonValue, StrictBool, StringConstraints, field_validator
from pydantic.dataclasses import dataclass as checked
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.alone import goes_alone
from outcry.edge.problems import unforeseen
from outcry.edge.quotas import class_of
from outcry.edge.refusals import BatchTooLargeError, NoBatchError, NotJsonError, NotRunError, TimedOutError
from outcry.kit import trace
from outcry.kit.errors import OutcryError
from outcry.kit.http import public

log = logging.getLogger(__name__)

MOST = 20
MOST_BYTES = 4_000_000
_AT_ONCE = 4
_INNER = "inner"
_PATH = "/api/v1/batch"
_JSON = ("application/json", "application/problem+json")
# What the one who sent the batch said of themselves holds for each request in it.
_SENDER = frozenset({b"host", b"authorization", b"user-agent", b"accept-language"})

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
InnerHeader = Literal["idempotency-key", "if-none-match"]


@checked(frozen=True, kw_only=True)
class BatchRequest:
    """One request. ``id`` names its answer; ``path`` begins with /api/v1/ and may have a query."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    method: Method = "GET"
    path: Annotated[str, StringConstraints(min_length=9, max_length=2_000, pattern=r"^/api/v1/[\x21-\x7e]*$")]
    headers: dict[InnerHeader, Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[\x20-\x7e]*$")]] = field(
        default_factory=dict
    )
    body: JsonValue = None


@checked(frozen=True, kw_only=True)
class Batch:
    """Requests to run: one after the other, or up to four at once. ``stop_at_failure`` leaves out what would follow."""

    requests: Annotated[tuple[BatchRequest, ...], Field(min_length=1, max_length=MOST)]
    order: Literal["in_turn", "together"] = "in_turn"
    stop_at_failure: StrictBool = False

    @field_validator("requests")
    @classmethod
    def _tell_apart(cls, requests: tuple[BatchRequest, ...]) -> tuple[BatchRequest, ...]:
        if len({request.id for request in requests}) < len(requests):
            raise ValueError("each request needs an id of its own")
        return requests


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """The answer to the request of this id; ``body`` is null where there is none."""

    id: str
    status: int
    headers: dict[str, str]
    body: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswers:
    """The answers, in the order of the requests."""

    answers: tuple[BatchAnswer, ...]


class Entry:
    """The layer that a batch's requests enter by: inside of what looks at connections, outside of all that counts."""

    def __init__(self, app: ASGIApp, *, inner: tuple[Any, ...] = ()) -> None:
        self._app = app
        self._inner = app
        for layer in reversed(inner):
            self._inner = layer.cls(self._inner, *layer.args, **layer.kwargs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"].rstrip("/") == _PATH:
            scope.setdefault("state", {})[_INNER] = self._inner
        await self._app(scope, receive, send)


def batch_router(*, seconds: float) -> APIRouter:
    """Return the endpoint. What is not answered ``seconds`` after a batch began is given up."""
    router = APIRouter(prefix="/api/v1", tags=["batch"])

    @router.post("/batch", dependencies=[public()])
    async def run_batch(batch: Batch, request: Request) -> BatchAnswers:
        """Run up to 20 requests in one. Each is checked and counted by itself, with your sign-in."""
        return BatchAnswers(answers=await _run(batch, _Runner(request, seconds)))

    return router


async def _run(batch: Batch, runner: "_Runner") -> tuple[BatchAnswer, ...]:
    if batch.order == "in_turn":
        answers: list[BatchAnswer] = []
        failed = False
        for one in batch.requests:
            left_out = failed and batch.stop_at_failure
            answers.append(_refusal(one, NotRunError()) if left_out else await runner.run(one))
            failed = failed or answers[-1].status >= 400
        return tuple(answers)
    places = asyncio.Semaphore(_AT_ONCE)

    async def run_placed(one: BatchRequest) -> BatchAnswer:
        async with places:
            return await runner.run(one)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run_placed(one)) for one in batch.requests]
    return tuple(task.result() for task in tasks)


class _Runner:
    """Sends the requests of one batch to the application, and counts the bytes of their answers together."""

    def __init__(self, request: Request, seconds: float) -> None:
        self._outer = request.scope
        self._until = asyncio.get_running_loop().time() + seconds
        self._app: ASGIApp = getattr(request.state, _INNER)
        self._bytes = 0

    async def run(self, one: BatchRequest) -> BatchAnswer:
        """Return a request's answer; it may be a refusal to run it here."""
        path, _, query = one.path.partition("?")
        wrong = _wrong(one.method, path)
        if wrong:
            return _refusal(one, wrong)
        body = b"" if one.body is None else json.dumps(one.body).encode()
        if asyncio.get_running_loop().time() >= self._until:
            return _refusal(one, NotRunError("The batch took too long; this was not run."))
        sent = _Exchange(body)
        # A task of its own, so that what it says of itself in kit.trace stays there.
        task = asyncio.create_task(self._ask(self._scope(one, path, query, body), sent))
        try:
            async with asyncio.timeout_at(self._until) as patience:
                await _first(task, sent.stopped)
        except Exception as error:
            if patience.expired():
                return _refusal(one, TimedOutError("The batch took too long; this request was given up."))
            log.error("%s %s failed in a batch", one.method, path, exc_info=error)
            return _refusal(one, unforeseen())
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._bytes += len(sent.body)
        if self._bytes > MOST_BYTES:
            return _refusal(one, BatchTooLargeError(f"The answers of a batch have {MOST_BYTES:,} bytes at most."))
        return sent.answer(one)

    async def _ask(self, scope: Scope, sent: "_Exchange") -> None:
        await self._app(scope, sent.receive, sent.send)

    def _scope(self, one: BatchRequest, path: str, query: str, body: bytes) -> Scope:
        outer = self._outer
        headers = [(name, value) for name, value in outer["headers"] if name in _SENDER]
        headers += [(name.encode(), value.encode()) for name, value in one.headers.items()]
        headers.append((b"traceparent", f"00-{trace.trace_id.get()}-{'1' * 16}-01".encode()))
        if body:
            headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        same = {name: outer.get(name) for name in ("asgi", "http_version", "scheme", "client", "server", "app")}
        return {
            **same,
            "type": "http",
            "method": one.method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "extensions": {},
            "state": {},
        }


class _Exchange:
    """What goes into the application and what comes out of it."""

    def __init__(self, body: bytes) -> None:
        self._given: bytes | None = body
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.stopped = asyncio.Event()

    async def receive(self) -> Message:
        """Give the body once; then nothing more comes, as of a client that waits."""
        if self._given is None:
            await asyncio.Event().wait()
        body, self._given = self._given, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Take a part of the answer; what is no JSON, or too long, is not waited for."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = ((name.decode().lower(), value.decode("latin-1")) for name, value in message.get("headers", ()))
            self.headers = dict(named)
        else:
            self.body += message.get("body", b"")
        if (self.body and not self._is_json()) or len(self.body) > MOST_BYTES:
            self.stopped.set()

    def _is_json(self) -> bool:
        return self.headers.get("content-type", "").partition(";")[0].strip() in _JSON

    def answer(self, one: BatchRequest) -> BatchAnswer:
        """Return the answer as the batch tells it."""
        if self.body and not self._is_json():
            return _refusal(one, NotJsonError())
        headers = {name: value for name, value in self.headers.items() if name != "content-length"}
        return BatchAnswer(
            id=one.id, status=self.status, headers=headers, body=json.loads(self.body) if self.body else None
        )


async def _first(task: "asyncio.Task[None]", stopped: asyncio.Event) -> None:
    """Wait until the task ends, raising what it raised, or its answer is of no use."""
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if task.done():
        task.result()


def _wrong(method: str, path: str) -> OutcryError | None:
    """Say why a request is not for a batch: another address than it looks like, or an answer that is no JSON."""
    clear = unquote(path)
    odd = "//" in clear or "\\" in clear or "%" in clear or "/." in clear or not clear.isprintable()
    if odd or clear.count("/") != path.count("/"):
        return NoBatchError("This address cannot be asked for in a batch.")
    plain = clear.rstrip("/")
    if goes_alone(plain) or class_of(method, plain) in ("export", "socket"):
        return NoBatchError(f"{plain} is not for batches: ask for it alone.")
    return None


def _refusal(one: BatchRequest, error: OutcryError) -> BatchAnswer:
    headers = {"content-type": "application/problem+json"}
    return BatchAnswer(
        id=one.id, status=error.status, headers=headers, body=error.to_problem(instance=one.path.partition("?")[0])
    )
