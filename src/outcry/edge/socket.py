"""The one realtime socket: a signed-in person follows topics, and gets what they may see, in order."""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Message
from starlette.websockets import WebSocket

from outcry.edge.calls import Calls
from outcry.edge.fan_out import FanOut, Feed
from outcry.edge.frame_quota import FrameQuota
from outcry.edge.limiting import PersonLimits
from outcry.edge.outgoing import Outgoing
from outcry.edge.problems import unforeseen
from outcry.edge.session_watch import SessionWatch
from outcry.edge.socket_frames import (
    MOST_TOPICS,
    AuthFrame,
    BadFrameError,
    CallFrame,
    ClientFrame,
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
from outcry.edge.turns import Turn
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
# How many calls of one socket may be begun and not yet answered.
MOST_UNDER_WAY = 32

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


class _RightsChangedError(Exception):
    """What a person may do changed while they came into a topic."""


class RealtimeSocket:
    """One connection, from its first frame to its end. While it is idle it has no task and no coroutine."""

    __slots__ = (
        "_allowance",
        "_closing",
        "_following",
        "_inbox",
        "_is_gone",
        "_is_over",
        "_joining",
        "_outgoing",
        "_own",
        "_parts",
        "_principal",
        "_sign_in_timer",
        "_token",
        "_under_way",
        "_until_fewer",
        "_wire",
        "_works",
        "id",
    )

    def __init__(self, wire: Wire, parts: SocketParts) -> None:
        self._parts = parts
        self._wire = wire
        self._outgoing = Outgoing(wire, parts.fan_out.rounds)
        self._following: dict[str, _Following] = {}
        self._own: Subscribed | None = None
        self._principal: Principal | None = None
        self._token = ""
        self._closing: list[Closing] = []
        self._allowance = parts.quota.begin()
        self._inbox: list[Message] = []
        self._works = False
        self._under_way = 0
        self._until_fewer: asyncio.Future[None] | None = None
        self._is_over = self._is_gone = False
        self._joining: str | None = None
        self._sign_in_timer: asyncio.TimerHandle | None = None
        self.id = secrets.token_hex(12)

    @classmethod
    async def serve(cls, socket: WebSocket, parts: SocketParts) -> None:
        """Take a socket over, until either side ends it; this returns when it is open."""
        await socket.accept()
        session = cls(socket.scope["extensions"][WIRE], parts)
        loop = asyncio.get_running_loop()
        session._sign_in_timer = loop.call_later(SIGN_IN_WITHIN_S, session._miss_sign_in)
        session._wire.hand_over(session._take)

    def on_close(self, callback: Closing) -> None:
        """Have something done when the socket is gone; at once, when it went while a call was under way."""
        if self._is_gone:
            self._wire.spawn(_run(callback))
        else:
            self._closing.append(callback)

    def _take(self, message: Message) -> None:
        """Take what came; one after the other is worked on."""
        self._inbox.append(message)
        if not self._works:
            self._works = True
            self._wire.spawn(self._work())

    async def _work(self) -> None:
        try:
            while self._inbox:
                message = self._inbox.pop(0)
                if message["type"] == "websocket.disconnect":
                    await self._let_go()
                elif not self._is_over:
                    await self._answer(message)
        finally:
            self._works = False
            self._wire.read_on()

    async def _answer(self, message: Message) -> None:
        """Do what a frame asks for; what is wrong with it ends the socket, and the others know nothing of it."""
        try:
            self._allowance.take()
            text = message.get("text")
            if text is None:
                raise BadFrameError("Frames are text.")
            frame = read_frame(text)
            await (self._act(frame) if self._own else self._sign_in(frame))
        except RateLimitedError as error:
            self._refuse_all(ErrorFrame(code=error.code, detail=error.detail, wait_s=error.wait_s), CLOSE_TOO_OFTEN)
        except BadFrameError as error:
            self._refuse_all(ErrorFrame(code="bad_frame", detail=str(error)), CLOSE_BAD_FRAME)
        except UnauthenticatedError:
            self._end(CLOSE_UNAUTHENTICATED, "Sign in again.")
        except Exception as error:
            log.error("a socket ends: %s", error, exc_info=error)
            known = error if isinstance(error, OutcryError) and error.status < 500 else unforeseen()
            self._refuse_all(ErrorFrame(code=known.code, detail=known.detail), CLOSE_FAILED)

    def _refuse_all(self, said: ErrorFrame, code: int) -> None:
        """Say what was wrong, and end it."""
        self._outgoing.say(write_frame(said))
        self._outgoing.flush()
        self._end(code, said.code)

    def _end(self, code: int, reason: str) -> None:
        self._is_over = True
        self._wire.end(code, reason)

    async def _let_go(self) -> None:
        self._is_over = self._is_gone = True
        if self._sign_in_timer:
            self._sign_in_timer.cancel()
        self._parts.watch.remove(self)
        if self._own:
            self._own.cancel()
        for topic in tuple(self._following):
            self._unsubscribe(topic)
        closing, self._closing = self._closing, []
        for callback in closing:
            await _run(callback)

    def _miss_sign_in(self) -> None:
        if self._own is None:
            self._refuse_all(ErrorFrame(code="bad_frame", detail="Nobody signed in."), CLOSE_BAD_FRAME)

    async def _sign_in(self, frame: ClientFrame) -> None:
        if not isinstance(frame, AuthFrame):
            raise BadFrameError("The first frame signs in.")
        token = await self._parts.tickets.redeem(frame.ticket)
        principal = await self._authenticate(token)
        # Every socket hears its person's own topic, also for what ends its right to another one.
        self._own = await self._parts.realtime.follow_log(f"user:{principal.user_id}", None, self._hear_own)
        if self._sign_in_timer:
            self._sign_in_timer.cancel()
            self._sign_in_timer = None
        self._parts.watch.add(self)

    async def _authenticate(self, token: str) -> Principal:
        principal = await self._parts.auth.authenticate(access_token=token)
        if self._principal and (principal.user_id, principal.tenant_id) != (
            self._principal.user_id,
            self._principal.tenant_id,
        ):
            raise BadFrameError("This is the token of somebody else.")
        if self._parts.limits:
            # Each sign-in counts, also those of a socket that is open: every one asks the database.
            await self._parts.limits.admit_call("socket", principal, by_key=token.startswith(KEY_MARK))
        self._principal, self._token = principal, token
        self._outgoing.say(_READY)
        return principal

    async def look_at_session(self) -> None:
        """Take over what the person may do now, and let go of topics that they may follow no more."""
        before = self._principal
        try:
            principal = await self._parts.auth.authenticate(access_token=self._token)
        except UnauthenticatedError:
            self._end(CLOSE_UNAUTHENTICATED, "Sign in again.")
            return
        if before is None or principal.tenant_id != before.tenant_id:
            self._end(CLOSE_UNAUTHENTICATED, "Sign in again.")
            return
        self._principal = principal
        if principal.scopes == before.scopes:
            return
        self._joining = None
        for topic, following in tuple(self._following.items()):
            name = topic.partition(":")[2]
            if not await following.rule.may_listen(principal, _inner_name(following.rule, principal, name)):
                self._unsubscribe(topic)
                self._refuse(topic)

    async def _act(self, frame: ClientFrame) -> None:
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
        """Begin a call; return when it is answered, or lets the next one begin."""
        while self._under_way >= MOST_UNDER_WAY:
            self._until_fewer = asyncio.get_running_loop().create_future()
            await self._until_fewer
        turn = Turn(self)
        self._under_way += 1
        self._wire.spawn(self._answer_call(frame, turn))
        await turn.taken

    async def _answer_call(self, frame: CallFrame, turn: "Turn") -> None:
        try:
            if self._principal is None:
                return
            by_key = self._token.startswith(KEY_MARK)
            answer = await self._parts.calls.answer(frame.name, frame.body, self._principal, turn, by_key=by_key)
            if frame.id is not None:
                self._outgoing.say(f'{{"type":"answer","id":{json.dumps(frame.id)},{answer}}}')
        finally:
            turn.go_on()
            self._under_way -= 1
            if self._until_fewer and not self._until_fewer.done():
                self._until_fewer.set_result(None)

    async def _subscribe(self, frame: SubscribeFrame) -> None:
        topic = frame.topic
        prefix, _, name = topic.partition(":")
        rule = self._parts.topics.get(prefix)
        if rule is None or not name:
            self._refuse(topic)
            return
        if topic not in self._following and len(self._following) >= MOST_TOPICS:
            detail = f"A socket can follow {MOST_TOPICS} topics at most."
            self._outgoing.say(write_frame(ErrorFrame(topic=topic, code="too_many_topics", detail=detail)))
            return
        after = None
        if frame.epoch is not None and frame.offset is not None:
            after = Position(epoch=frame.epoch, offset=frame.offset)
        self._unsubscribe(topic)
        while not await self._join(topic, rule, after):
            pass  # a right ended meanwhile: look again

    async def _join(self, topic: str, rule: Topic, after: Position | None) -> bool:
        """Follow a topic, or refuse it; False, with nothing said, when the person's rights changed in between."""
        principal = self._principal
        if principal is None:
            raise UnauthenticatedError()
        self._joining = topic
        prefix, _, name = topic.partition(":")
        inner_name = _inner_name(rule, principal, name)
        if not await rule.may_listen(principal, inner_name):
            self._refuse(topic)
            return True

        def begin(start: Subscribed) -> str:
            if self._joining is None:
                raise _RightsChangedError()
            at = start.position
            return write_frame(SubscribedFrame(topic=topic, epoch=at.epoch, offset=at.offset, reset=start.reset))

        try:
            feed = await self._parts.fan_out.join(
                self._outgoing, topic, f"{prefix}:{inner_name}", is_log=rule.log, after=after, begin=begin
            )
        except _RightsChangedError:
            return False
        self._following[topic] = _Following(feed, rule)
        return True

    def _compare(self, frame: PingFrame) -> None:
        """End the socket when its client has not got what was sent before its last ping was answered."""
        for topic, following in self._following.items():
            said = frame.positions.get(topic)
            if said and (said.epoch != following.feed.epoch or said.offset < following.mark):
                self._outgoing.fall_behind()
                return
            if frame.positions:
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
        if '"removed"' in update.data or '"ended"' in update.data:
            self._end_topics(json.loads(update.data))
        elif '"standing"' in update.data and json.loads(update.data).get("kind") == "standing":
            self._parts.watch.hurry(self)

    def _end_topics(self, said: dict[str, str]) -> None:
        kind, room_id, prefix = said.get("kind"), said.get("room_id", ""), said.get("topics", "")
        # All of one kind; or a room's own topic, and every other that is named after it: drawings on its charts.
        for topic in (*self._following, self._joining or ""):
            if (kind == "ended" and topic.startswith(prefix)) or (kind == "removed" and room_id in topic):
                self._joining = None if self._joining == topic else self._joining
                if topic in self._following:
                    self._unsubscribe(topic)
                    self._refuse(topic)


async def _run(callback: Closing) -> None:
    """Do what a service wants done when a socket is gone; that it fails keeps no other from being done."""
    try:
        await callback()
    except Exception as error:
        log.error("what a service does when a socket is gone failed", exc_info=error)


def _inner_name(rule: Topic, principal: Principal, name: str) -> str:
    # A topic that all organisations have carries the organisation in its inner name, so none hears another's.
    return name if rule.log else f"{principal.tenant_id}:{name}"
