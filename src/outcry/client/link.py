"""The realtime socket from a program's side: connects, comes back, resumes, as docs/realtime.md has it."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from outcry.client.refusals import ConnectionLostError, LinkClosedError, RefusedError, SignInRefusedError
from outcry.client.subscription import Subscription, TopicRefusedError
from outcry.client.waits import wait_before

PING_EVERY_S = 25.0
_SIGN_IN_REFUSED = 4401
_LARGEST = 16 * 1024 * 1024

Ticket = Callable[[bool], Awaitable[str]]


class Link:
    """One socket at a time. ``ticket`` gives what to sign in with; it is told whether the last one was refused."""

    def __init__(
        self,
        address: str,
        ticket: Ticket,
        *,
        ping_every_s: float = PING_EVERY_S,
        wait: Callable[[int], float] = wait_before,
    ) -> None:
        self._address = address
        self._ticket = ticket
        self._ping_every_s = ping_every_s
        self._wait = wait
        self._subscriptions: dict[str, Subscription] = {}
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._connection: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._heard_at = 0.0
        self._pongs_due = 0
        self.open = asyncio.Event()
        self.opened = 0

    def start(self) -> None:
        """Connect, and stay connected until ``stop``."""
        if self._task is None:
            self._task = asyncio.create_task(self._stay(), name="outcry-link")

    async def stop(self) -> None:
        """Close the socket and end every subscription."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._end_all(None)

    def cut(self) -> None:
        """Drop the connection as a network would; the link comes back by itself."""
        if self._connection:
            self._connection.transport.abort()

    async def wait_open(self) -> None:
        """Wait until the socket is signed in; raises SignInRefusedError when it never will be, else LinkClosedError."""
        if self.open.is_set():
            return
        if self._task is None:
            raise LinkClosedError()
        opening = asyncio.create_task(self.open.wait())
        try:
            await asyncio.wait((opening, self._task), return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Also where whoever waits is cancelled: the link may never open, and this would wait for ever.
            opening.cancel()
        if self._task.done():
            if self._task.cancelled():
                raise LinkClosedError()
            await self._task

    async def follow(self, subscription: Subscription) -> None:
        """Follow a topic from its place on; raises ValueError where this link follows it already."""
        if subscription.topic in self._subscriptions:
            raise ValueError(f"{subscription.topic} is followed already")
        self._subscriptions[subscription.topic] = subscription
        if self.open.is_set():
            await self._subscribe(subscription)

    async def leave(self, subscription: Subscription) -> None:
        """Follow it no more."""
        if self._subscriptions.get(subscription.topic) is subscription:
            del self._subscriptions[subscription.topic]
            await self._say(type="unsubscribe", topic=subscription.topic)
        subscription.end()

    async def call(self, name: str, body: dict[str, Any]) -> Any:
        """Ask something of a service and return its answer.

        Raises RefusedError, and ConnectionLostError when the socket breaks first: nobody knows then if it was done.
        """
        await self.wait_open()
        number = str(next(self._numbers))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            await self._say(type="call", id=number, name=name, body=body)
            return await answer
        finally:
            self._answers.pop(number, None)

    async def signal(self, name: str, body: dict[str, Any]) -> None:
        """Tell a service something that needs no answer, such as that a person is typing."""
        await self._say(type="call", name=name, body=body)

    async def _say(self, **frame: Any) -> None:
        """Send a frame if the socket is open; what is lost with it is asked for again when it is."""
        if self._connection and self.open.is_set():
            with contextlib.suppress(ConnectionClosed):
                await self._connection.send(json.dumps(frame))

    async def _stay(self) -> None:
        attempt, refused = 0, False
        try:
            while True:
                before = self.opened
                code = await self._serve_once(refused=refused)
                if code == _SIGN_IN_REFUSED and refused and self.opened == before:
                    raise SignInRefusedError({"code": "unauthenticated", "status": 401, "detail": "Sign in again."})
                refused = code == _SIGN_IN_REFUSED
                attempt = 0 if self.opened > before else attempt + 1
                await asyncio.sleep(max(self._wait(attempt), self._not_before - time.monotonic()))
        except SignInRefusedError as error:
            self._end_all(TopicRefusedError(str(error)))
            raise

    async def _serve_once(self, *, refused: bool) -> int:
        """Connect, and serve the connection until it breaks; return the code that it was closed with, or 0."""
        try:
            ticket = await self._ticket(refused)
            async with connect(self._address, max_size=_LARGEST, proxy=None, ping_interval=None) as connection:
                return await self._serve(connection, ticket)
        except RefusedError as error:
            # What fails on the server says nothing of who signs in.
            if not (error.may_pass or error.status >= 500):
                raise SignInRefusedError(error.problem) from error
            self._not_before = time.monotonic() + error.wait_s
        except (OSError, TimeoutError, ConnectionLostError, InvalidHandshake, ConnectionClosed):
            pass  # not there now
        return 0

    async def _serve(self, connection: ClientConnection, ticket: str) -> int:
        self._connection, self._pongs_due, self._heard_at = connection, 0, time.monotonic()
        pinging = asyncio.create_task(self._ping(connection))
        try:
            await connection.send(json.dumps({"type": "auth", "ticket": ticket}))
            async for text in connection:
                self._heard_at = time.monotonic()
                await self._hear(json.loads(text))
        except ConnectionClosed:
            pass  # the code says why
        finally:
            pinging.cancel()
            self._connection = None
            self.open.clear()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionLostError("the socket broke before the answer"))
        return connection.close_code or 0

    async def _hear(self, said: Any) -> None:
        if isinstance(said, list):
            for update in said:
                subscription = self._subscriptions.get(update["topic"])
                if subscription and not subscription.hear(update["offset"], update["data"]):
                    await self._subscribe(subscription)
        elif said["type"] == "ready":
            await self._take_up()
        elif said["type"] == "subscribed":
            if subscription := self._subscriptions.get(said["topic"]):
                subscription.begin(epoch=said["epoch"], offset=said["offset"], reset=said["reset"])
        elif said["type"] == "answer":
            self._answer(said)
        elif said["type"] == "pong":
            self._pongs_due = max(0, self._pongs_due - 1)
        elif said["type"] == "error":
            self._refuse(said)

    async def _take_up(self) -> None:
        """Follow every topic from where it was."""
        if self.open.is_set():
            return  # a new token was taken
        self.opened += 1
        self.open.set()
        for subscription in tuple(self._subscriptions.values()):
            await self._subscribe(subscription)

    async def _subscribe(self, subscription: Subscription) -> None:
        place = subscription.place
        at = {"epoch": place.epoch, "offset": place.offset} if place else {}
        await self._say(type="subscribe", topic=subscription.topic, **at)

    def _answer(self, said: dict[str, Any]) -> None:
        answer = self._answers.get(said["id"])
        if answer is None or answer.done():
            return
        if "problem" in said:
            answer.set_exception(RefusedError(said["problem"]))
        else:
            answer.set_result(said["body"])

    def _refuse(self, said: dict[str, Any]) -> None:
        if "topic" not in said:
            self._not_before = time.monotonic() + said.get("wait_s", 0)
        elif subscription := self._subscriptions.pop(said["topic"], None):
            subscription.end(TopicRefusedError(f"{said['topic']}: {said['detail']}"))

    async def _ping(self, connection: ClientConnection) -> None:
        """Ask for a sign of life, and tell where each log stands; a server that says nothing is given up."""
        while True:
            await asyncio.sleep(self._ping_every_s)
            if time.monotonic() - self._heard_at > 2 * self._ping_every_s:
                connection.transport.abort()
                return
            # What came before the last pong must be here by now; before that nothing can be said.
            positions = {} if self._pongs_due else self._positions()
            self._pongs_due += 1
            await self._say(type="ping", positions=positions)

    def _positions(self) -> dict[str, dict[str, Any]]:
        logs = [each for each in self._subscriptions.values() if each.is_log and each.place]
        return {each.topic: {"epoch": each.place.epoch, "offset": each.place.offset} for each in logs if each.place}

    def _end_all(self, refused: TopicRefusedError | None) -> None:
        for subscription in self._subscriptions.values():
            subscription.end(refused)
        self._subscriptions.clear()
