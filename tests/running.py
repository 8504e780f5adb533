"""A real server in a process of its own, as the README starts it, and a client for its API and socket."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.nursery import Born, Nursery

ROOT = Path(__file__).parent.parent
OUTCRY_UP = (sys.executable, "-m", "outcry", "up")
READY = re.compile(r"ready on (https?://\S+)")
# Tests and benchmarks ask from one address what a hundred people would from theirs, on a machine that others use too.
QUOTAS = {
    "OUTCRY_EDGE_QUOTA_FACTOR": "10000",
    "OUTCRY_EDGE_REQUESTS_WAITING": "10000",
    "OUTCRY_EDGE_WAIT_SECONDS": "30",
    "OUTCRY_EDGE_LAG_SECONDS": "30",
}
# Tests touch no network: what they link to is not fetched.
OFFLINE = {"OUTCRY_PAGES": "none:"}
PASSWORD = "purple tram eats seven violins"


class RunningServer:
    """``outcry up`` on a free port. Start, stop and kill it as often as you like: it keeps its data folder."""

    # Where there is one it starts the servers, but for those with a command of their own.
    nursery: ClassVar[Nursery | None] = None

    def __init__(self, data: Path, *, command: Sequence[str] = OUTCRY_UP, **environment: str) -> None:
        self.data = data
        self._command = command
        self.environment = environment
        self.url = ""
        self.output: list[str] = []
        self._process: subprocess.Popen[str] | Born | None = None
        self.pass_fds: tuple[int, ...] = ()
        self._port = "0"

    def start(self, *, within_s: float = 60) -> Self:
        """Start and wait until it says that it is ready."""
        self.url = ""
        environment = {
            **QUOTAS,
            **OFFLINE,
            **os.environ,
            "PORT": self._port,
            "OUTCRY_DATA": str(self.data),
            **self.environment,
        }
        process = self._process = self._begin(environment)
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(process, ready), daemon=True).start()
        if not ready.wait(within_s) or not self.url:
            process.kill()
            raise RuntimeError("the server did not start:\n" + "".join(self.output))
        self._port = self.url.rsplit(":", 1)[1]
        return self

    def _begin(self, environment: dict[str, str]) -> "subprocess.Popen[str] | Born":
        if self.nursery and self._command == OUTCRY_UP and not self.pass_fds:
            return self.nursery.serve(environment)
        return subprocess.Popen(
            self._command,
            env=environment,
            cwd=ROOT,
            start_new_session=True,
            pass_fds=self.pass_fds,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _listen(self, process: "subprocess.Popen[str] | Born", ready: threading.Event) -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                self.output.append(line)
                if found := READY.search(line):
                    self.url = found.group(1)
                    ready.set()
        ready.set()

    @property
    def process_id(self) -> int:
        """The server's process id."""
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        """End it at once, as a power cut would end the process."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """End it as an operator would; return its exit code."""
        if self._process is None or self._process.poll() is not None:
            return 0
        os.killpg(self._process.pid, signal.SIGTERM)
        return self._process.wait(timeout=20)


@dataclass
class Followed:
    """What a socket heard of its topics, merged as a browser would."""

    updates: list[dict[str, Any]] = field(default_factory=list)
    control: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, frame: str | bytes) -> None:
        """Take one frame in."""
        said = json.loads(frame)
        if isinstance(said, list):
            self.updates.extend(said)
        else:
            self.control.append(said)
        self.changed.set()


class Socket:
    """A signed-in realtime socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard = Followed()
        self._reader = asyncio.create_task(self._read())
        self._reader.add_done_callback(lambda _: self.heard.changed.set())

    async def _read(self) -> None:
        async for frame in self.connection:
            self.heard.hear(frame)

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.connection.send(json.dumps(frame))

    async def until(self, check: Any, *, within_s: float = 20) -> Any:
        """Wait until ``check(heard)`` gives something true, and return it."""
        async with asyncio.timeout(within_s):
            while not (found := check(self.heard)):
                if self._reader.done():
                    raise ConnectionError(f"the server closed the socket: {self.connection.close_code}")
                self.heard.changed.clear()
                await self.heard.changed.wait()
        return found

    async def follow(self, topic: str, **position: Any) -> dict[str, Any]:
        """Subscribe and return the answer."""
        seen = len(self.heard.control)
        await self.send(type="subscribe", topic=topic, **position)
        answer: dict[str, Any] = await self.until(
            lambda heard: next((said for said in heard.control[seen:] if said.get("topic") == topic), None)
        )
        return answer

    async def close(self) -> None:
        """Close and let the reader end."""
        await self.connection.close()
        await asyncio.gather(self._reader, return_exceptions=True)


class Client:
    """One person's view of a server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url + "/api/v1", timeout=30)
        self.token = ""
        self.me: dict[str, Any] = {}

    async def sign_up(self, name: str = "Ada Trader") -> Self:
        """Make an account and sign in."""
        email = f"{uuid4().hex[:12]}@example.com"
        answer = await self.call("POST", "/auth/register", {"email": email, "password": PASSWORD, "name": name})
        self._keep(answer)
        return self

    async def sign_in(self, email: str) -> Self:
        """Sign in to an account that is there."""
        self._keep(await self.call("POST", "/auth/sign-in", {"email": email, "password": PASSWORD}))
        return self

    async def refresh(self) -> None:
        """Get a new token for the same session, as a page does before the old one ends."""
        answer = await self.http.post("/auth/refresh", headers={"X-Outcry": "1"})
        answer.raise_for_status()
        self._keep(answer.json())

    def _keep(self, session: Any) -> None:
        self.token, self.me = session["access_token"], session["me"]
        self.http.headers["authorization"] = f"Bearer {self.token}"

    async def call(self, method: str, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """Call an endpoint and return its JSON; raises unless the status is as expected (2xx by default)."""
        response = await self.http.request(method, path, json=body)
        fine = response.is_success if status is None else response.status_code == status
        assert fine, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    async def new_conversation(self) -> str:
        """Make a conversation with the AI and return its id."""
        return str((await self.call("POST", "/rooms", {"kind": "conversation"}))["id"])

    async def post(self, room: str, text: str, client_id: str | None = None) -> dict[str, Any]:
        """Post a message."""
        body = {"text": text, "client_id": client_id or uuid4().hex}
        posted: dict[str, Any] = await self.call("POST", f"/rooms/{room}/messages", body)
        return posted

    async def history(self, room: str) -> list[dict[str, Any]]:
        """Return every message of a room, oldest first."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = await self.call("GET", f"/rooms/{room}/messages?limit=200{cursor}")
            items = page["items"] + items
            if not page["next_cursor"]:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    async def ask(self, room: str, question: str) -> dict[str, Any]:
        """Post a question and wait for the whole answer, over the socket."""
        async with self.socket() as socket:
            page = await self.call("GET", f"/rooms/{room}/messages?limit=1")
            await socket.follow(f"room:{room}", epoch=page["epoch"], offset=page["offset"])
            posted = await self.post(room, question)
            answer: dict[str, Any] = await socket.until(lambda heard: find_answer(heard, posted["id"]))
            return answer

    async def ticket(self) -> str:
        """Get a ticket for the socket."""
        return str((await self.call("POST", "/realtime/tickets"))["ticket"])

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """Open the realtime socket, signed in."""
        address = self.url.replace("http", "ws", 1) + "/api/v1/realtime"
        async with connect(address, max_size=None, proxy=None) as connection:
            socket = Socket(connection)
            try:
                await socket.send(type="auth", ticket=await self.ticket())
                await socket.until(lambda heard: heard.control)
                yield socket
            finally:
                await socket.close()

    async def close(self) -> None:
        """Close the connection pool."""
        await self.http.aclose()


def find_answer(heard: Followed, question_id: str) -> dict[str, Any] | None:
    """Return the ended reply to a question among what a socket heard."""
    for update in heard.updates:
        message = update["data"].get("message") if update["data"].get("kind") == "message" else None
        if message and message["reply_to"] == question_id and message["status"] != "streaming":
            found: dict[str, Any] = message
            return found
    return None
