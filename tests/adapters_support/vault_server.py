"""A small real HTTP server that speaks the part of Vault's protocol that a KV version 2 store has, and AppRole.

It follows HashiCorp's description of the HTTP API: reading, check-and-set, deleted versions, policies, sealing.
"""

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

Answer = tuple[int, Any]

NO_SUCH_SECRET: Answer = (404, {"errors": []})
DENIED: Answer = (403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
SEALED: Answer = (503, {"errors": ["Vault is sealed"]})
FULL_POLICY = frozenset({"read", "create", "update"})


@dataclass
class Version:
    """One version of a secret."""

    data: dict[str, Any]
    deletion_time: str = ""
    destroyed: bool = False

    def metadata(self, number: int) -> dict[str, Any]:
        """Return what Vault says of a version."""
        return {
            "created_time": "2026-01-05T12:00:00.000000Z",
            "custom_metadata": None,
            "deletion_time": self.deletion_time,
            "destroyed": self.destroyed,
            "version": number,
        }


@dataclass
class VaultServer:
    """The server, on a free port of 127.0.0.1, with a store at ``secret`` and, of version 1, at ``old``.

    Args:
        context: serves TLS with it.
        tokens: who may do what: ``read``, ``create``, ``update``.
        role: the id and secret of an AppRole; who signs in with them gets a new token.
        answer: given to every request instead of the right one, where it is set: a status and a body, JSON or bytes.
        stalled: set when a request waits for an answer that never comes, because ``stall`` is set.
    """

    context: ssl.SSLContext | None = None
    tokens: dict[str, frozenset[str]] = field(default_factory=lambda: {"root": FULL_POLICY})
    role: tuple[str, str] = ("role", "secret-of-the-role")
    answer: tuple[int, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    stall: bool = False
    stalled: threading.Event = field(default_factory=threading.Event)
    versions: dict[str, list[Version]] = field(default_factory=dict)
    old: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    port: int = 0
    _closing: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._make_handler())
        self._server.daemon_threads = False
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """What ``OUTCRY_SECRETS`` would be, without options."""
        return f"vault://localhost:{self.port}/secret/outcry"

    def delete(self, path: str) -> None:
        """Delete the newest version of a secret, as ``vault kv delete`` does: it can be undeleted."""
        self.versions[path][-1].deletion_time = "2026-01-05T13:00:00.000000Z"

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        vault = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def setup(self) -> None:
                if vault.context is not None:
                    # Here, in the connection's own thread, a bad handshake keeps nobody else from connecting.
                    self.request = vault.context.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self) -> None:
                super().finish()
                self.request.close()

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                vault.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
                if vault.stall:
                    vault.stalled.set()
                    vault._closing.wait()
                    self.close_connection = True
                    return
                status, said = vault._answer(self.command, self.path, self.headers["x-vault-token"] or "", body)
                content = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
                self.send_response(status)
                for name, value in vault.headers.items():
                    self.send_header(name, value)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has in the library
                """Say nothing."""

        return Handler

    def _answer(self, method: str, path: str, token: str, body: bytes) -> Answer:
        if self.answer is not None:
            return self.answer
        given = json.loads(body) if body else {}
        if (method, path) == ("POST", "/v1/auth/approle/login"):
            return self._sign_in(given)
        may = self.tokens.get(token, frozenset())
        mount, _, rest = path.removeprefix("/v1/").partition("/")
        with self._lock:
            if mount == "old":
                return self._old(method, rest, given)
            if mount != "secret" or not rest.startswith("data/"):
                return 404, {"errors": [f'no handler for route "{mount}/{rest}". route entry not found.']}
            name = rest.removeprefix("data/")
            return self._read(name, may) if method == "GET" else self._write(name, may, given)

    def _sign_in(self, given: dict[str, Any]) -> Answer:
        if (given.get("role_id"), given.get("secret_id")) != self.role:
            return 400, {"errors": ["invalid role or secret ID"]}
        token = f"hvs.{uuid4().hex}"
        self.tokens[token] = FULL_POLICY
        return 200, {"auth": {"client_token": token, "lease_duration": 1200, "renewable": True}}

    def _read(self, name: str, may: frozenset[str]) -> Answer:
        if "read" not in may:
            return DENIED
        versions = self.versions.get(name)
        if not versions:
            return NO_SUCH_SECRET
        newest = versions[-1]
        metadata = newest.metadata(len(versions))
        if newest.deletion_time or newest.destroyed:
            return 404, {"request_id": uuid4().hex, "data": {"data": None, "metadata": metadata}}
        return 200, {"request_id": uuid4().hex, "data": {"data": newest.data, "metadata": metadata}}

    def _write(self, name: str, may: frozenset[str], given: dict[str, Any]) -> Answer:
        versions = self.versions.setdefault(name, [])
        if ("update" if versions else "create") not in may:
            return DENIED
        expected = given.get("options", {}).get("cas")
        if expected is not None and expected != len(versions):
            return 400, {"errors": ["check-and-set parameter did not match the current version"]}
        versions.append(Version(given["data"]))
        return 200, {"request_id": uuid4().hex, "data": versions[-1].metadata(len(versions))}

    def _old(self, method: str, name: str, given: dict[str, Any]) -> Answer:
        """Answer as a store of version 1 does, which takes any path and any body."""
        if method == "POST":
            self.old[name] = given
            return 204, None
        return (200, {"data": self.old[name]}) if name in self.old else NO_SUCH_SECRET
