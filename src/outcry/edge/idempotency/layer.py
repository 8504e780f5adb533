"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): what is sent twice with one key is done once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.alone import goes_alone
from outcry.edge.bodies import give_body, read_body
from outcry.edge.counting import Counts
from outcry.edge.idempotency.answers import Answer
from outcry.edge.idempotency.claims import Claim, read_key, to_claim
from outcry.edge.idempotency.errors import (
    AnswerNotKeptError,
    InProgressError,
    MismatchError,
    NotIdempotentError,
    OutcomeUnknownError,
)
from outcry.edge.idempotency.requests import Earlier, KeyedRequests
from outcry.edge.limiting import PersonLimits
from outcry.edge.problems import refuse
from outcry.kit.errors import OutcryError, UnauthenticatedError, UnavailableError
from outcry.kit.http import bearer_of
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import KEY_MARK, AuthFacade

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HEADER = b"idempotency-key"
_COME_BACK_S = 1
_REPLAYED = (b"idempotency-replayed", b"true")

log = logging.getLogger(__name__)


class Idempotency:
    """Runs a request with a key once, and answers those that come after it with the same answer.

    Nothing is done for requests without the header. Who is not signed in, and what only reads, passes by.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        requests: KeyedRequests,
        auth: AuthFacade,
        limits: PersonLimits | None,
        most_bytes: int,
        counts: Counts,
    ) -> None:
        self._app = app
        self._requests = requests
        self._auth = auth
        self._limits = limits
        self._most_bytes = most_bytes
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        said: list[bytes] = []
        if scope["type"] == "http" and scope["method"] in CHANGING and scope["path"].startswith("/api/v1/"):
            said = [value for name, value in scope["headers"] if name == _HEADER]
        if not said:
            await self._app(scope, receive, send)
            return
        try:
            if goes_alone(scope["path"].rstrip("/")):
                # Said before the body is read: it may be an upload.
                raise NotIdempotentError()
            body = await read_body(receive)
            receive = give_body(body, receive)
            answered = await self._begin(scope, body, said)
        except UnauthenticatedError:
            # The endpoint says so itself.
            await self._app(scope, receive, send)
        except OutcryError as error:
            self._counts.add(error.code)
            await refuse(scope, send, error)
        else:
            if isinstance(answered, Answer):
                self._counts.add("idempotency_replayed")
                for message in answered.messages(_REPLAYED):
                    await send(message)
            else:
                await self._run(answered, scope, receive, send)

    async def _begin(self, scope: Scope, body: bytes, said: Sequence[bytes]) -> Answer | Claim:
        """Return the answer of before, or the claim of a request to run; raises what is to be refused."""
        key = read_key(said)
        token = bearer_of(Request(scope))
        principal = await self._auth.authenticate(access_token=token)
        by_key = token.startswith(KEY_MARK)
        claim = to_claim(scope, principal, by_key=by_key, key=key, body=body)
        earlier = await self._requests.begin(claim)
        if earlier is None:
            return claim
        await self._admit(scope, principal, by_key=by_key)
        return await self._answer_of(claim, earlier)

    async def _admit(self, scope: Scope, principal: Principal, *, by_key: bool) -> None:
        # What runs is counted by the endpoint's own check.
        if self._limits is not None:
            await self._limits.admit(scope, principal, by_key=by_key)

    async def _answer_of(self, claim: Claim, earlier: Earlier) -> Answer:
        if earlier.fingerprint != claim.fingerprint:
            raise MismatchError()
        if earlier.running:
            raise InProgressError(wait_s=_COME_BACK_S)
        if earlier.state in ("begun", "unknown"):
            raise OutcomeUnknownError()
        text = await self._requests.open(claim, earlier.sealed) if earlier.sealed is not None else None
        if text is None:
            raise AnswerNotKeptError()
        return Answer.from_text(text)

    async def _run(self, claim: Claim, scope: Scope, receive: Receive, send: Send) -> None:
        watched = _Watched(claim, self._requests, self._most_bytes, send)
        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            await watched.end(self._requests.leave_unknown)
            raise
        except BaseException:
            await watched.end(self._requests.let_go)
            raise
        await watched.end(self._requests.let_go)


class _Watched:
    """An answer on its way out: it leaves once it is kept. A stream leaves as it comes, and is not kept."""

    def __init__(self, claim: Claim, requests: KeyedRequests, most_bytes: int, send: Send) -> None:
        self._claim = claim
        self._requests = requests
        self._most_bytes = most_bytes
        self._send = send
        self._head: Message | None = None
        self._ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head is not None:
            head, self._head = self._head, None
            streams = message["type"] != "http.response.body" or message.get("more_body", False)
            answer = Answer.of(head, message.get("body", b""))
            await self.end(lambda _: self._keep(answer, streams=streams))
            await self._send(head)
        await self._send(message)

    async def end(self, step: Callable[[Claim], Awaitable[None]]) -> None:
        """Write down how the request ended, unless that is done. What was done stays done where that fails."""
        if self._ended:
            return
        self._ended = True
        try:
            await step(self._claim)
        except UnavailableError as error:
            log.warning("how a request with a key ended could not be kept: %s", error.detail)

    async def _keep(self, answer: Answer, *, streams: bool) -> None:
        if not answer.done:
            await self._requests.let_go(self._claim)
            return
        may = not streams and not answer.secret and len(answer.body) <= self._most_bytes
        await self._requests.keep(self._claim, status=answer.status, answer=answer.to_text() if may else None)
