"""The one realtime socket: a signed-in person follows topics, and gets what they may see, in order."""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from outcry.edge.calls import Calls
from outcry.edge.fan_out import FanOut, Feed
from outcry.edge.frame_quota import FrameQuota
from outcry.edge.limiting import PersonLimits
from outcry.edge.outgoing import Outgoing
from outcry.edge.session_watch import SessionWatch
from outcry.edge.socket_frames import (
    MOST_TOPICS,
    AuthFrame,
    BadFrameError,
    CallFrame,
    ErrorFrame,
    PingFrame,
    PongFrame,
    ReadyFrame,
    SubscribedFrame,
    SubscribeFrame,
    UnsubscribeFrame,
    read_frame,
    write_frame,
)
from outcry.edge.socket_protocol import WIRE
from outcry.edge.tickets import Tickets
from outcry.edge.wire import (
    CLOSE_BAD_FRAME,
    CLOSE_FAILED,
    CLOSE_TOO_OFTEN,
    CLOSE_UNAUTHENTICATED,
    Wire,
)
from outcry.kit.errors import OutcryError, RateLimitedError, UnauthenticatedError
from outcry.kit.module import Closing, Topic
from outcry.kit.principal import Principal
from outcry.ports.realtime import Position, Realtime, Subscribed, Update
from outcry.services.auth.contracts import KEY_MARK, AuthFacade

log = logging.getLogger(__name__)

SIGN_IN_WITHIN_S = 10.0

_READY, _PONG = write_frame(ReadyFrame()), write_frame(PongFrame())


@dataclass(frozen=True, kw_only=True)
class SocketParts:
    """What all sockets of a process share."""

    auth: AuthFacade
    realtime: Realtime
    tickets: Tickets
    topics: Mapping[str, Topic]
    calls: Calls
    fan_out: FanOut
    watch: SessionWatch
    quota: FrameQuota
    limits: PersonLimits | None = None


@dataclass(slots=True)
class _Following:
    """A topic of a socket; ``mark`` is the offset that its client must have when it says its positions next."""

    feed: Feed
    rule: Topic
    mark: int = 0


class RealtimeSocket:
    """One connection, from its first frame to its end. It has no task but the one that reads."""

    __slots__ = (
        "_allowance",
        "_closing",
        "_following",
        "_outgoing",
        "_own",
        "_parts",
        "_principal",
        "_socket",
        "_token",
        "_wire",
        "id",
    )

    def __init__(self, socket: WebSocket, parts: SocketParts) -> None:
        self._socket = socket
        self._parts = parts
        self._wire: Wire = socket.scope["extensions"][WIRE]
        self._outgoing = Outgoing(self._wire, parts.fan_out.rounds)
        self._following: dict[str, _Following] = {}
        self._own: Subscribed | None = None
        self._principal: Principal | None = None
        self._token = ""
        self._closing: list[Closing] = []
        self._allowance = parts.quota.begin()
        self.id = secrets.token_hex(12)

    def on_close(self, callback: Closing) -> None:
        """Have something done when the socket is gone."""
        self._closing.append(callback)

    async def serve(self) -> None:
        """Serve until either side ends it."""
        await self._socket.accept()
        try:
            await self._sign_in()
            self._parts.watch.add(self)
            while True:
                await self._act(await self._receive())
        except WebSocketDisconnect:
            pass  # gone
        except RateLimitedError as error:
            self._refuse_all(ErrorFrame(code=error.code, detail=error.detail, wait_s=error.wait_s), CLOSE_TOO_OFTEN)
        except BadFrameError as error:
            self._refuse_all(ErrorFrame(code="bad_frame", detail=str(error)), CLOSE_BAD_FRAME)
        except UnauthenticatedError:
            self._wire.end(CLOSE_UNAUTHENTICATED, "Sign in again.")
        except OutcryError as error:
            log.warning("a socket ends: %s", error, exc_info=error)
            self._refuse_all(ErrorFrame(code=error.code, detail=error.detail), CLOSE_FAILED)
        finally:
            await self._let_go()

    def _refuse_all(self, said: ErrorFrame, code: int) -> None:
        """Say what was wrong, and end it."""
        self._outgoing.say(write_frame(said))
        self._outgoing.flush()
        self._wire.end(code, said.code)

    async def _let_go(self) -> None:
        self._parts.watch.remove(self)
        if self._own:
            self._own.cancel()
        for topic in tuple(self._following):
            self._unsubscribe(topic)
        # Each is done, also when another fails.
        done = await asyncio.gather(*(callback() for callback in self._closing), return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):
                log.error("what a service does when a socket is gone failed", exc_info=error)

    async def _sign_in(self) -> None:
        try:
            async with asyncio.timeout(SIGN_IN_WITHIN_S):
                frame = await self._receive()
        except TimeoutError:
            raise BadFrameError("Nobody signed in.") from None
        if not isinstance(frame, AuthFrame):
            raise BadFrameError("The first frame signs in.")
        token = await self._parts.tickets.redeem(frame.ticket)
        principal = await self._authenticate(token)
        # Every socket hears its person's own topic, also for what ends its right to another one.
        self._own = await self._parts.realtime.follow_log(f"user:{principal.user_id}", None, self._hear_own)

    async def _authenticate(self, token: str) -> Principal:
        principal = await self._parts.auth.authenticate(access_token=token)
        if self._principal and (principal.user_id, principal.tenant_id) != (
            self._principal.user_id,
            self._principal.tenant_id,
        ):
            raise BadFrameError("This is the token of somebody else.")
        if self._parts.limits:
            # Each sign-in counts, also those of a socket that is open: every one asks the database.
            await self._parts.limits.admit(self._socket.scope, principal, by_key=token.startswith(KEY_MARK))
        self._principal, self._token = principal, token
        self._outgoing.say(_READY)
        return principal

    async def look_at_session(self) -> None:
        """Take over what the person may do now, and let go of topics that they may follow no more."""
        before = self._principal
        try:
            principal = await self._parts.auth.authenticate(access_token=self._token)
        except UnauthenticatedError:
            self._wire.end(CLOSE_UNAUTHENTICATED, "Sign in again.")
            return
        if before is None or principal.tenant_id != before.tenant_id:
            self._wire.end(CLOSE_UNAUTHENTICATED, "Sign in again.")
            return
        self._principal = principal
        if principal.scopes == before.scopes:
            return
        for topic, following in tuple(self._following.items()):
            name = topic.partition(":")[2]
            if not await following.rule.may_listen(principal, _inner_name(following.rule, principal, name)):
                self._unsubscribe(topic)
                self._refuse(topic)

    async def _receive(self) -> AuthFrame | SubscribeFrame | UnsubscribeFrame | PingFrame | CallFrame:
        message: Message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        self._allowance.take()
        text = message.get("text")
        if text is None:
            raise BadFrameError("Frames are text.")
        return read_frame(text)

    async def _act(self, frame: AuthFrame | SubscribeFrame | UnsubscribeFrame | PingFrame | CallFrame) -> None:
        match frame:
            case SubscribeFrame():
                await self._subscribe(frame)
            case UnsubscribeFrame():
                self._unsubscribe(frame.topic)
            case PingFrame():
                self._compare(frame)
                self._outgoing.say(_PONG)
            case CallFrame():
                await self._call(frame)
            case AuthFrame():
                # The person's new token: a socket that is open goes on with it.
                await self._authenticate(frame.token)

    async def _call(self, frame: CallFrame) -> None:
        if self._principal is None:
            raise UnauthenticatedError()
        by_key = self._token.startswith(KEY_MARK)
        answer = await self._parts.calls.answer(frame.name, frame.body, self._principal, self, by_key=by_key)
        if frame.id is not None:
            self._outgoing.say(f'{{"type":"answer","id":{json.dumps(frame.id)},{answer}}}')

    async def _subscribe(self, frame: SubscribeFrame) -> None:
        topic = frame.topic
        prefix, _, name = topic.partition(":")
        rule = self._parts.topics.get(prefix)
        principal = self._principal
        if principal is None or rule is None or not name:
            self._refuse(topic)
            return
        if topic not in self._following and len(self._following) >= MOST_TOPICS:
            detail = f"A socket can follow {MOST_TOPICS} topics at most."
            self._outgoing.say(write_frame(ErrorFrame(topic=topic, code="too_many_topics", detail=detail)))
            return
        inner_name = _inner_name(rule, principal, name)
        if not await rule.may_listen(principal, inner_name):
            self._refuse(topic)
            return
        self._unsubscribe(topic)
        after = None
        if frame.epoch is not None and frame.offset is not None:
            after = Position(epoch=frame.epoch, offset=frame.offset)
        await self._follow(topic, f"{prefix}:{inner_name}", rule, after)

    async def _follow(self, topic: str, inner: str, rule: Topic, after: Position | None) -> None:
        def begin(start: Subscribed) -> str:
            at = start.position
            return write_frame(SubscribedFrame(topic=topic, epoch=at.epoch, offset=at.offset, reset=start.reset))

        feed = await self._parts.fan_out.join(self._outgoing, topic, inner, is_log=rule.log, after=after, begin=begin)
        self._following[topic] = _Following(feed, rule)

    def _compare(self, frame: PingFrame) -> None:
        """End the socket when its client has not got what was sent before its last ping was answered."""
        for topic, following in self._following.items():
            said = frame.positions.get(topic)
            if said and (said.epoch != following.feed.epoch or said.offset < following.mark):
                self._outgoing.fall_behind()
                return
            following.mark = following.feed.sent

    def _unsubscribe(self, topic: str) -> None:
        following = self._following.pop(topic, None)
        if following:
            self._parts.fan_out.leave(self._outgoing, following.feed)

    def _refuse(self, topic: str) -> None:
        detail = "There is no such topic, or it is not yours to follow."
        self._outgoing.say(write_frame(ErrorFrame(topic=topic, code="not_found", detail=detail)))

    def _hear_own(self, update: Update) -> None:
        # Most of what a person is told does not concern their sockets: not worth reading.
        if '"removed"' in update.data:
            self._end_part_in(json.loads(update.data))
        elif '"standing"' in update.data and json.loads(update.data).get("kind") == "standing":
            self._parts.watch.hurry(self)

    def _end_part_in(self, said: dict[str, str]) -> None:
        if said.get("kind") == "removed":
            # The room's own topic, and every other that is named after it: drawings on its charts.
            for topic in [name for name in self._following if said["room_id"] in name]:
                self._unsubscribe(topic)
                self._refuse(topic)


def _inner_name(rule: Topic, principal: Principal, name: str) -> str:
    # A topic that all organisations have carries the organisation in its inner name, so none hears another's.
    return name if rule.log else f"{principal.tenant_id}:{name}"
