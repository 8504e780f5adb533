"""One of many clients: it talks, changes what was said, is cut off, dies and comes back, and shows what it heard."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from outcry.client.client import OutcryClient
from outcry.client.refusals import ConnectionLostError, RefusedError
from outcry.client.subscription import Heard, Place, Subscription
from outcry.kit.topics import Position
from tests.services.chat.screen import PAGE, Screen, shown_of

EMOJI = ("👍", "🚀", "🎉", "👀")
# Refusals that two who act at once may get: it is gone, not allowed any more, or was done already.
EXPECTED = {403, 404, 409, 410, 422, 429, 503}


@dataclass
class Account:
    """A person that devices sign in as."""

    person_id: str
    token: str


@dataclass
class World:
    """What all devices share: where the server is, which rooms there are, and what was promised to whom."""

    url: str
    rooms: list[str]
    lobby: str
    floaters: set[str] = field(default_factory=set)
    # By client id: the id of the message that was acknowledged, or None as long as nothing was said of it.
    asked: dict[str, str | None] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    questions: int = 0
    acts: dict[str, int] = field(default_factory=dict)


async def load_screen(client: OutcryClient, room: str) -> Screen:
    """Read everything of a room, the position first."""
    page = await client.request("GET", f"/rooms/{room}/messages", params={"limit": PAGE})
    screen = Screen(
        position=Position(epoch=page["epoch"], offset=page["offset"]),
        room=shown_of(await client.request("GET", f"/rooms/{room}")),
        members=await client.request("GET", f"/rooms/{room}/members"),
    )
    for archived in ("false", "true"):
        topics = await client.request("GET", f"/rooms/{room}/topics", params={"archived": archived, "limit": PAGE})
        screen.topics |= {topic["id"]: topic for topic in topics["items"]}
    while True:
        screen.messages |= {message["id"]: message for message in page["items"]}
        if not page["next_cursor"]:
            return screen
        cursor = {"limit": PAGE, "cursor": page["next_cursor"]}
        page = await client.request("GET", f"/rooms/{room}/messages", params=cursor)


class View:
    """A room as a device shows it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.reset = False
        self.changed = asyncio.Event()
        self.wrong = ""

    def hear(self, heard: Heard) -> None:
        """Take an update; each offset may come once."""
        if heard.reset:
            self.reset = True
        elif not self.reset:
            before = self.screen.position.offset
            try:
                self.screen.take([(heard.place.offset, json.dumps(heard.data))])
                assert self.screen.position.offset == heard.place.offset > before, "twice, or out of order"
            except Exception as error:
                self.wrong = f"{type(error).__name__}: {error} at {heard.place.offset} after {before}: {heard.data}"
        self.changed.set()


class Device:
    """A client of one person that follows some rooms, with an outbox that outlives it."""

    def __init__(self, world: World, account: Account, *, rooms: list[str], path: Path, draw: Random) -> None:
        self.world = world
        self.account = account
        self.rooms = rooms
        self.draw = draw
        self.views: dict[str, View] = {}
        self.path = path
        self._numbers = itertools.count()
        self._name = path.stem
        self._client: OutcryClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        # Posts by HTTP that were not acknowledged: as in an outbox.
        self._unsure: dict[str, tuple[str, str]] = {}
        self.lives = 0

    @property
    def client(self) -> OutcryClient:
        """The client of this life."""
        assert self._client
        return self._client

    async def begin(self) -> None:
        """Start as a program does: with the outbox of before, reading each room and following it from there."""
        self.lives += 1
        self._client = OutcryClient(
            self.world.url, token=self.account.token, outbox=self.path, ping_every_s=3, wait=self._wait
        )
        await self._client.__aenter__()
        for room in self.rooms:
            await self._follow(room)
        for client_id, (room, text) in tuple(self._unsure.items()):
            self._beside(partial(self._post_by_http, room, text, client_id))

    async def die(self) -> None:
        """Go without a word: nothing is closed or waited for but the file, which the next life opens."""
        self.client.link.cut()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.client.close()
        self.views.clear()

    async def act(self, seconds: float, *, pace_s: float) -> None:
        """Do something every ``pace_s`` seconds, on the average."""
        end = asyncio.get_running_loop().time() + seconds
        choices = (self._post, self._post_twice, self._edit, self._react, self._unreact, self._pin, self._remove)
        rare = (self._ask, self._come_and_go, self._name_room, self._start_topic, self._withdraw)
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(self.draw.expovariate(1 / pace_s))
            chosen = self.draw.choice(rare if self.draw.random() < 0.15 else choices)
            if len(self._tasks) < 8:
                self._beside(partial(chosen, self.draw.choice(self.rooms)))

    async def settle(self) -> None:
        """Wait until all that was begun is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self.client.settle()

    async def reach(self, room: str, target: Screen) -> None:
        """Wait until a room is shown as far as it goes."""
        while True:
            view = self.views[room]
            if view.reset:
                await self._leave(room)
                await self._follow(room)
            elif view.screen.position.offset >= target.position.offset or view.wrong:
                return
            else:
                view.changed.clear()
                await view.changed.wait()

    async def _follow(self, room: str) -> None:
        screen = await self._until_answered(lambda: load_screen(self.client, room))
        view = self.views[room] = View(screen)
        place = Place(epoch=screen.position.epoch, offset=screen.position.offset)
        await self.client.link.follow(Subscription(f"room:{room}", is_log=True, place=place, sink=view.hear))

    async def _leave(self, room: str) -> None:
        await self.client.link.leave(self.client.link._subscriptions[f"room:{room}"])

    async def _until_answered(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                return await ask()
            except ConnectionLostError:
                pass
            except RefusedError as error:
                if not error.may_pass:
                    raise
            await asyncio.sleep(0.1 + self.draw.random() / 4)

    def _wait(self, attempt: int) -> float:
        return self.draw.random() * min(2.0, 0.1 * 2.0 ** min(attempt, 10))

    def _beside(self, work: Callable[[], Awaitable[Any]]) -> None:
        async def run() -> None:
            try:
                await work()
            except ConnectionLostError:
                pass  # nobody knows whether it was done; what is shown is what the server says
            except RefusedError as error:
                if error.status not in EXPECTED:
                    self.world.wrong.append(f"{error.status} {error}")
            except Exception as error:
                self.world.wrong.append(f"{type(error).__name__}: {error}")

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _count(self, act: str) -> None:
        self.world.acts[act] = self.world.acts.get(act, 0) + 1

    def _new_id(self) -> str:
        client_id = f"{self._name}-{self.lives}-{next(self._numbers):05d}"
        self.world.asked[client_id] = None
        return client_id

    async def _post(self, room: str, text: str = "") -> None:
        """Post over the socket: the outbox keeps it until it is acknowledged, in this life or the next."""
        self._count("post")
        client_id = self._new_id()
        try:
            posted = await self.client.post(room, text or f"message {client_id}", client_id=client_id)
        except RefusedError:
            self.world.refused.append(client_id)
            raise
        self.world.asked[client_id] = posted["id"]

    async def _post_twice(self, room: str) -> None:
        """Post by HTTP, with the same id again until there is an answer."""
        self._count("post by HTTP")
        client_id = self._new_id()
        await self._post_by_http(room, f"by HTTP {client_id} " + "x" * self.draw.randrange(2_000), client_id)

    async def _post_by_http(self, room: str, text: str, client_id: str) -> None:
        self._unsure[client_id] = (room, text)
        body = {"text": text, "client_id": client_id}
        try:
            posted = await self._until_answered(lambda: self.client.request("POST", f"/rooms/{room}/messages", body))
        except RefusedError:
            self.world.refused.append(client_id)
            raise
        finally:
            if self.world.asked[client_id] or client_id in self.world.refused:
                self._unsure.pop(client_id, None)
        self.world.asked[client_id] = posted["id"]
        self._unsure.pop(client_id, None)

    async def _ask(self, room: str) -> None:
        if self.world.questions < 12:
            self.world.questions += 1
            await self._post(self.world.rooms[0], "@desk What is the 14-day RSI of AAPL?")

    async def _edit(self, room: str) -> None:
        if message := self._some(room, own=True):
            await self._change(message, "PATCH", "", {"text": f"{message['text'][:200]} (edited)"})

    async def _remove(self, room: str) -> None:
        message = self._some(room, own=True)
        if message and self.draw.random() < 0.3:
            await self._change(message, "POST", "/remove", {"reason": "no more"})

    async def _withdraw(self, room: str) -> None:
        if message := self._some(room, own=True, newest=True):
            await self._change(message, "POST", "/withdraw", None)

    async def _react(self, room: str) -> None:
        if message := self._some(room):
            await self._change(message, "PUT", f"/reactions/{self.draw.choice(EMOJI)}", None)

    async def _unreact(self, room: str) -> None:
        if message := self._some(room):
            await self._change(message, "DELETE", f"/reactions/{self.draw.choice(EMOJI)}", None)

    async def _pin(self, room: str) -> None:
        if message := self._some(room):
            await self._change(message, self.draw.choice(("PUT", "DELETE")), "/pin", None)

    async def _change(self, message: dict[str, Any], method: str, what: str, body: Any) -> None:
        self._count(f"{method} {what.partition('/reactions')[1] or what or 'edit'}")
        await self.client.request(method, f"/rooms/{message['room_id']}/messages/{message['id']}{what}", body)

    async def _come_and_go(self, _room: str) -> None:
        """Leave the lobby and come back; nobody who does follows it."""
        if self.account.person_id not in self.world.floaters:
            return
        self._count("come and go")
        await self.client.request("DELETE", f"/rooms/{self.world.lobby}/members/{self.account.person_id}")
        await self.client.request("POST", f"/open-rooms/{self.world.lobby}/join")

    async def _name_room(self, room: str) -> None:
        self._count("name a room")
        await self.client.request("PATCH", f"/rooms/{room}", {"title": f"Floor {self.draw.randrange(1000)}"})

    async def _start_topic(self, room: str) -> None:
        if message := self._some(room):
            self._count("start a topic")
            await self.client.request("POST", f"/rooms/{room}/topics", {"message_id": message["id"]})

    def _some(self, room: str, *, own: bool = False, newest: bool = False) -> dict[str, Any] | None:
        """Return a message of those that are shown."""
        view = self.views.get(room)
        shown = list(view.screen.messages.values())[-30:] if view else []
        if own:
            shown = [message for message in shown if message["author"]["id"] == self.account.person_id]
        shown = [message for message in shown if message["status"] in ("posted", "complete")]
        return (shown[-1] if newest else self.draw.choice(shown)) if shown else None
