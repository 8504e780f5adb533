"""The one realtime socket: a signed-in person follows topics, and gets what they may see, in order."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from outcry.edge.calls import Calls
from outcry.edge.limiting import PersonLimits
from outcry.edge.outgoing import Outgoing, SlowClientError
from outcry.edge.tickets import Tickets
from outcry.kit.errors import OutcryError, RateLimitedError, UnauthenticatedError
from outcry.kit.module import Closing, Topic
from outcry.kit.principal import Principal
from outcry.ports.realtime import Position, Realtime, Update
from outcry.services.auth.contracts import KEY_MARK, AuthFacade

log = logging.getLogger(__name__)

SIGN_IN_WITHIN_S = 10.0
CHECK_EVERY_S = 15.0
# Another process may remember a session for half a second after it ended: told of a change, look twice.
LOOK_AGAIN_S = 0.6
MOST_TOPICS = 200
MOST_FRAME_CHARACTERS = 64 * 1024
_LONGEST_ID = 64

CLOSE_UNAUTHENTICATED = 4401
CLOSE_TOO_SLOW = 4408
CLOSE_TOO_OFTEN = 4429
CLOSE_BAD_FRAME = 4400


class BadFrameError(Exception):
    """A frame that no client of ours sends."""


class RealtimeSocket:
    """One connection, from its first frame to its end."""

    def __init__(
        self,
        socket: WebSocket,
        *,
        auth: AuthFacade,
        realtime: Realtime,
        tickets: Tickets,
        topics: Mapping[str, Topic],
        calls: Calls,
        limits: PersonLimits | None = None,
    ) -> None:
        self._socket = socket
        self._auth = auth
        self._realtime = realtime
        self._tickets = tickets
        self._topics = topics
        self._calls = calls
        self._limits = limits
        self._outgoing = Outgoing()
        self._following: dict[str, Callable[[], None]] = {}
        self._principal: Principal | None = None
        self._token = ""
        self._standing_changed = asyncio.Event()
        self._closing: list[Closing] = []
        self.id = secrets.token_hex(12)

    def on_close(self, callback: Closing) -> None:
        """Have something done when the socket is gone."""
        self._closing.append(callback)

    async def serve(self) -> None:
        """Serve until either side ends it."""
        await self._socket.accept()
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._sign_in()
            tasks = [
                asyncio.create_task(self._write()),
                asyncio.create_task(self._read()),
                asyncio.create_task(self._check_session()),
            ]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client is gone; Starlette raises RuntimeError for a send after that
        except RateLimitedError as error:
            await self._tell_to_wait(error)
        except OutcryError:
            await self._close(CLOSE_UNAUTHENTICATED)
        except BadFrameError:
            await self._close(CLOSE_BAD_FRAME)
        except SlowClientError:
            await self._close(CLOSE_TOO_SLOW)
        finally:
            for cancel in self._following.values():
                cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, *(callback() for callback in self._closing), return_exceptions=True)

    async def _tell_to_wait(self, error: RateLimitedError) -> None:
        """Say when to come back, and end it."""
        said = {"type": "error", "code": error.code, "detail": error.detail, "wait_s": error.wait_s}
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.send_text(json.dumps(said))
        await self._close(CLOSE_TOO_OFTEN)

    async def _close(self, code: int) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, asyncio.CancelledError):
            await self._socket.close(code)

    async def _sign_in(self) -> None:
        try:
            async with asyncio.timeout(SIGN_IN_WITHIN_S):
                frame = await self._receive()
        except TimeoutError:
            raise BadFrameError("no sign-in") from None
        if frame.get("type") != "auth":
            raise BadFrameError("no sign-in")
        token = await self._tickets.redeem(str(frame.get("ticket", "")))
        principal = await self._authenticate(token)
        # Every socket hears its person's own topic, also for what ends its right to another one.
        own = await self._realtime.follow_log(f"user:{principal.user_id}", None, self._hear_own)
        self._following["own"] = own.cancel

    async def _authenticate(self, token: str) -> Principal:
        principal = await self._auth.authenticate(access_token=token)
        if self._principal and (principal.user_id, principal.tenant_id) != (
            self._principal.user_id,
            self._principal.tenant_id,
        ):
            raise BadFrameError("another person on the same socket")
        if self._limits:
            # Each sign-in counts, also those of a socket that is open: every one asks the database.
            await self._limits.admit(self._socket.scope, principal, by_key=token.startswith(KEY_MARK))
        self._principal, self._token = principal, token
        self._say({"type": "ready"})
        return principal

    async def _check_session(self) -> None:
        """End the socket when the session has ended; raises UnauthenticatedError then."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_EVERY_S):
                    await self._standing_changed.wait()
            if self._standing_changed.is_set():
                self._standing_changed.clear()
                await self._look_at_session()
                await asyncio.sleep(LOOK_AGAIN_S)
            await self._look_at_session()

    async def _look_at_session(self) -> None:
        """Take over what the person may do now, and let go of topics that they may follow no more."""
        before = self._principal
        principal = await self._auth.authenticate(access_token=self._token)
        if before and principal.tenant_id != before.tenant_id:
            raise UnauthenticatedError()
        self._principal = principal
        if before and principal.scopes == before.scopes:
            return
        for topic in [name for name in self._following if ":" in name]:
            prefix, _, name = topic.partition(":")
            rule = self._topics[prefix]
            if not await rule.may_listen(principal, self._inner_name(rule, principal, name)):
                self._unsubscribe(topic)
                self._refuse(topic)

    async def _receive(self) -> dict[str, Any]:
        text = await self._socket.receive_text()
        if len(text) > MOST_FRAME_CHARACTERS:
            raise BadFrameError("too long")
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadFrameError("not JSON") from error
        if not isinstance(frame, dict):
            raise BadFrameError("not an object")
        return frame

    async def _read(self) -> None:
        try:
            while True:
                await self._act(await self._receive())
        except KeyError as error:
            # Starlette's answer to a binary frame.
            raise BadFrameError("not text") from error

    async def _act(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "subscribe":
                await self._subscribe(frame)
            case "unsubscribe":
                self._unsubscribe(str(frame.get("topic", "")))
            case "ping":
                self._say({"type": "pong"})
            case "call":
                await self._call(frame)
            case "auth":
                # The person's new token: a socket that is open goes on with it.
                await self._authenticate(str(frame.get("token", "")))
            case _:
                raise BadFrameError("unknown type")

    async def _call(self, frame: dict[str, Any]) -> None:
        name, body, asked = frame.get("name"), frame.get("body", {}), frame.get("id")
        if not isinstance(name, str) or not isinstance(body, dict) or not isinstance(asked, str | None):
            raise BadFrameError("not a call")
        if self._principal is None or len(asked or "") > _LONGEST_ID:
            raise BadFrameError("not a call")
        answer = await self._calls.answer(name, body, self._principal, self, by_key=self._token.startswith(KEY_MARK))
        if asked is not None:
            self._outgoing.say(f'{{"type":"answer","id":{json.dumps(asked)},{answer}}}')

    async def _subscribe(self, frame: dict[str, Any]) -> None:
        topic = str(frame.get("topic", ""))
        prefix, _, name = topic.partition(":")
        rule = self._topics.get(prefix)
        principal = self._principal
        if principal is None or rule is None or not name or len(self._following) > MOST_TOPICS:
            self._refuse(topic)
            return
        inner_name = self._inner_name(rule, principal, name)
        if not await rule.may_listen(principal, inner_name):
            self._refuse(topic)
            return
        self._unsubscribe(topic)
        await self._follow(topic, f"{prefix}:{inner_name}", rule, _position(frame))

    def _inner_name(self, rule: Topic, principal: Principal, name: str) -> str:
        # A topic that all organisations have carries the organisation in its inner name, so none hears another's.
        return name if rule.log else f"{principal.tenant_id}:{name}"

    async def _follow(self, topic: str, inner: str, rule: Topic, after: Position | None) -> None:
        def sink(update: Update) -> None:
            self._outgoing.put(topic, update, conflate=not rule.log)

        if rule.log:
            start = await self._realtime.follow_log(inner, after, sink)
        else:
            start = await self._realtime.follow_latest(inner, sink)
        self._following[topic] = start.cancel
        position = {"epoch": start.position.epoch, "offset": start.position.offset}
        # `follow` and this are one step of the event loop apart at most: `first` keeps the answer before the updates.
        said = {"type": "subscribed", "topic": topic, **position, "reset": start.reset}
        self._outgoing.start_topic(topic, json.dumps(said), start.missed)

    def _unsubscribe(self, topic: str) -> None:
        cancel = self._following.pop(topic, None)
        if cancel:
            cancel()
            self._outgoing.drop_topic(topic)

    def _refuse(self, topic: str) -> None:
        detail = "There is no such topic, or it is not yours to follow."
        self._say({"type": "error", "topic": topic, "code": "not_found", "detail": detail})

    def _hear_own(self, update: Update) -> None:
        said = json.loads(update.data)
        if said.get("kind") == "removed":
            # Its own topic, and every other that is named after it: drawings on its charts.
            for topic in [name for name in self._following if str(said["room_id"]) in name]:
                self._unsubscribe(topic)
                self._refuse(topic)
        elif said.get("kind") == "standing":
            self._standing_changed.set()

    def _say(self, control: dict[str, Any]) -> None:
        self._outgoing.say(json.dumps(control))

    async def _write(self) -> None:
        while True:
            for frame in await self._outgoing.take():
                await self._socket.send_text(frame)


def _position(frame: dict[str, Any]) -> Position | None:
    epoch, offset = frame.get("epoch"), frame.get("offset")
    if isinstance(epoch, str) and isinstance(offset, int):
        return Position(epoch=epoch, offset=offset)
    return None
