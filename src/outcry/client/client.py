"""A program's way into an Outcry installation: requests, calls, topics, and posts that are not lost.

async with OutcryClient("https://desk.example", token=KEY) as outcry:
    await outcry.post(room_id, "Good morning.")
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from uuid import uuid4

import httpx

from outcry.client.link import PING_EVERY_S, Link
from outcry.client.outbox import Draft, Outbox
from outcry.client.refusals import ConnectionLostError, LinkClosedError, RefusedError, SignInRefusedError
from outcry.client.subscription import Place, Sink, Subscription
from outcry.client.waits import wait_before

# Gives a token or key; it is told whether the last one was refused.
Token = Callable[[bool], Awaitable[str]]


class OutcryClient:
    """One person, or one key for programs. What it does not await goes on beside: the socket comes back by itself.

    ``outbox`` is a file that keeps messages which are not yet acknowledged; a later client with it sends them.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | Token,
        outbox: Path | None = None,
        ping_every_s: float = PING_EVERY_S,
        wait: Callable[[int], float] = wait_before,
    ) -> None:
        self._token = token if callable(token) else _always(token)
        self._http = httpx.AsyncClient(base_url=url.rstrip("/") + "/api/v1", timeout=30, trust_env=False)
        self._said_token = ""
        self._wait = wait
        self._outbox = Outbox(outbox)
        self._sent: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._waiting: dict[str, deque[Draft]] = {}
        self._senders: dict[str, asyncio.Task[None]] = {}
        address = url.rstrip("/").replace("http", "ws", 1) + "/api/v1/realtime"
        self.link = Link(address, self._ticket, ping_every_s=ping_every_s, wait=wait)

    async def __aenter__(self) -> Self:
        self.link.start()
        for draft in self._outbox:
            self._send_soon(draft)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the socket and everything that waits; what is not acknowledged stays in the outbox's file."""
        senders = tuple(self._senders.values())
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        for sent in self._sent.values():
            sent.cancel()
        await self.link.stop()
        self._outbox.close()
        await self._http.aclose()

    async def request(self, method: str, path: str, body: Any = None, *, params: dict[str, Any] | None = None) -> Any:
        """Call an endpoint such as ``/rooms`` and return its JSON.

        Raises RefusedError, and ConnectionLostError when no answer comes: nobody knows then if it was done.
        """
        if not self._said_token:
            self._said_token = await self._token(False)
        response = await self._ask(method, path, body, params)
        if response.status_code == 401:
            self._said_token = await self._token(True)
            response = await self._ask(method, path, body, params)
        if response.is_success:
            return response.json() if response.content else None
        raise RefusedError(_problem_of(response))

    async def _ask(self, method: str, path: str, body: Any, params: dict[str, Any] | None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._said_token}"}
        try:
            return await self._http.request(method, path, json=body, params=params, headers=headers)
        except httpx.TransportError as error:
            raise ConnectionLostError(f"no answer: {error}") from error

    async def call(self, name: str, body: dict[str, Any]) -> Any:
        """Ask something over the socket; see ``Link.call``."""
        return await self.link.call(name, body)

    @asynccontextmanager
    async def follow(
        self, topic: str, *, is_log: bool = True, place: Place | None = None, sink: Sink | None = None
    ) -> AsyncIterator[Subscription]:
        """Follow a topic while the block lasts, from a place on or from now on. Iterate over what it gives."""
        subscription = Subscription(topic, is_log=is_log, place=place, sink=sink)
        await self.link.follow(subscription)
        try:
            await subscription.started.wait()
            if subscription.refused:
                raise subscription.refused
            yield subscription
        finally:
            await self.link.leave(subscription)

    async def history(self, room_id: str, *, limit: int = 50) -> tuple[list[dict[str, Any]], Place]:
        """Return the newest messages of a room, oldest first, and the place to follow it from."""
        page = await self.request("GET", f"/rooms/{room_id}/messages", params={"limit": limit})
        return page["items"], Place(epoch=page["epoch"], offset=page["offset"])

    async def post(self, room_id: str, text: str, *, client_id: str = "") -> dict[str, Any]:
        """Post a message and return it once it is stored, however often the connection breaks before.

        Messages to one room keep the order of these calls. Raises RefusedError when it is refused for good.
        """
        draft = Draft(room_id=room_id, text=text, client_id=client_id or uuid4().hex)
        self._outbox.put(draft)
        sent: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._sent[draft.client_id] = sent
        self._send_soon(draft)
        try:
            return await sent
        finally:
            self._sent.pop(draft.client_id, None)

    async def settle(self) -> None:
        """Wait until everything that was written is acknowledged or refused, also what an earlier client left."""
        while self._senders:
            await asyncio.wait(self._senders.values())

    def _send_soon(self, draft: Draft) -> None:
        self._waiting.setdefault(draft.room_id, deque()).append(draft)
        if draft.room_id not in self._senders:
            self._senders[draft.room_id] = asyncio.create_task(self._send_all(draft.room_id))

    async def _send_all(self, room_id: str) -> None:
        """Send what waits for one room, one after the other: a later message never overtakes an earlier one."""
        waiting = self._waiting[room_id]
        try:
            while waiting:
                draft = waiting[0]
                try:
                    self._end(draft, await self._send(draft), None)
                except SignInRefusedError:
                    raise
                except RefusedError as error:
                    self._end(draft, {}, error)
                self._outbox.take_off(draft.client_id)
                waiting.popleft()
        except (SignInRefusedError, LinkClosedError) as error:
            # What waits stays in the outbox.
            for draft in waiting:
                self._end(draft, {}, error)
        finally:
            del self._waiting[room_id], self._senders[room_id]

    def _end(self, draft: Draft, message: dict[str, Any], error: Exception | None) -> None:
        sent = self._sent.get(draft.client_id)
        if sent is None or sent.done():
            return  # nobody waits for it
        if error:
            sent.set_exception(error)
        else:
            sent.set_result(message)

    async def _send(self, draft: Draft) -> dict[str, Any]:
        body = {"room_id": draft.room_id, "text": draft.text, "client_id": draft.client_id}
        for attempt in itertools.count():
            try:
                return cast(dict[str, Any], await self.link.call("chat.post", body))
            except ConnectionLostError:
                pass  # the same again, once the socket is back: it is posted once
            except RefusedError as error:
                if not error.may_pass:
                    raise
                await asyncio.sleep(max(self._wait(attempt), error.wait_s))
        raise AssertionError("unreachable")

    async def _ticket(self, refused: bool) -> str:
        if refused:
            self._said_token = await self._token(True)
        return str((await self.request("POST", "/realtime/tickets"))["ticket"])


def _always(token: str) -> Token:
    async def same(_refused: bool) -> str:
        return token

    return same


def _problem_of(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or "code" not in problem:
        problem = {"code": "http_error", "detail": response.reason_phrase, "status": response.status_code}
    wait_s = response.headers.get("retry-after", "0")
    wait = float(wait_s) if wait_s.isdigit() else 0.0
    return {**problem, "wait_s": wait}
