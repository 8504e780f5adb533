"""HTTP/1.1 taken strictly, and within bounds, before anything of a request reaches the application.

llhttp, under httptools, already refuses what two servers could read in two ways: both lengths, repeated or odd ones,
bad chunks, bare line feeds, folded headers, NULs. Here stands what it leaves open, and every bound on size and time.
"""

import asyncio
import json
from functools import partial
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from outcry.edge.connections import Connections
from outcry.edge.counting import Counts
from outcry.edge.problems import problem_headers
from outcry.edge.refusals import (
    BodyTimeoutError,
    HeadersTimeoutError,
    HeadersTooLargeError,
    OverloadedError,
    PipelineError,
    TooManyConnectionsError,
    UriTooLongError,
)
from outcry.edge.settings import EdgeSettings
from outcry.edge.socket_protocol import ComeBackProtocol
from outcry.edge.uploads import is_upload
from outcry.kit.errors import MalformedRequestError, OutcryError

# How long a stopping server waits for a request that a client may have sent before it knew.
ENDING_S = 1.0
_COME_BACK_S = 5


class StrictHttpProtocol(HttpToolsProtocol):
    """One connection. A subclass made by ``strict_protocol`` carries what all connections of a server share."""

    settings: ClassVar[EdgeSettings]
    counts: ClassVar[Counts]
    open_connections: ClassVar[Connections]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._refusal: OutcryError | None = None
        self._in_head = True
        self._head_bytes = 0
        self._unparsed_bytes = 0
        self._borders = 0
        self._ending = False
        self._timer: asyncio.TimerHandle | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own is
        """Count the connection and begin to wait for a request."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if self.open_connections.add(self._address):
            self._wait(self.settings.header_seconds, HeadersTimeoutError())
        else:
            self._refuse(TooManyConnectionsError(wait_s=_COME_BACK_S))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection's place."""
        self._stop_waiting()
        self.open_connections.remove(self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; a head that does not end is bounded here, as the parser keeps what it has of it."""
        if self.transport.is_closing():
            return
        before = self._borders
        super().data_received(data)
        if self._in_head and before == self._borders and not self.transport.is_closing():
            self._unparsed_bytes += len(data)
            if self._unparsed_bytes > self.settings.header_bytes:
                self._refuse(HeadersTooLargeError())

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._borders += 1
        self._in_head, self._head_bytes, self._unparsed_bytes = True, 0, 0
        if len(self.pipeline) >= self.settings.pipelined_requests:
            self._raise(PipelineError())
        if self._timer is None:
            self._wait(self.settings.header_seconds, HeadersTimeoutError())

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        if len(self.url) > self.settings.url_bytes:
            self._raise(UriTooLongError())

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header. Those that trail a body are dropped: nobody expects them among the others."""
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > self.settings.header_bytes or len(self.headers) >= self.settings.header_count:
            self._raise(HeadersTooLargeError())
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Refuse what is ambiguous, then hand the request over."""
        self._stop_waiting()
        wrong = self._what_is_wrong()
        if wrong:
            self._raise(MalformedRequestError(wrong))
        self._in_head = False
        super().on_headers_complete()
        if self.parser.should_upgrade():
            return
        upload = is_upload(self.parser.get_method().decode("latin-1"), self.url.partition(b"?")[0].decode("latin-1"))
        self._wait(self.settings.upload_seconds if upload else self.settings.body_seconds, BodyTimeoutError())

    def on_message_complete(self) -> None:
        """Note that the body is whole."""
        self._stop_waiting()
        super().on_message_complete()
        self._borders += 1
        self._in_head, self._unparsed_bytes = True, 0

    def shutdown(self) -> None:
        """Prepare to end: what is asked is answered, and what is on its way here is waited for a moment."""
        resting = self.cycle is None or self.cycle.response_complete
        self._ending = True
        if resting:
            self._unset_keepalive_if_required()
            if not self.transport.is_closing():
                self._stop_waiting()
                self._timer = self.loop.call_later(ENDING_S, self._close_if_resting)
        else:
            self.cycle.keep_alive = self.cycle.keep_alive and bool(self.pipeline)

    def _close_if_resting(self) -> None:
        self._timer = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._ending:
            cycle.keep_alive = cycle.keep_alive and bool(self.pipeline)
        super()._start_asgi_task(cycle, app)

    def _what_is_wrong(self) -> str:
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            return "This server speaks HTTP/1.1."
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and version == "1.1"):
            return "A request names its host once."
        if not self.url.startswith(b"/") and self.url != b"*":
            return "The address of a request begins with a slash."
        codings = [value for name, value in self.headers if name == b"transfer-encoding"]
        if codings and (version == "1.0" or [coding.lower() for coding in codings] != [b"chunked"]):
            return "A body may be chunked, and nothing else."
        return ""

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to the socket's protocol, which keeps its place; not when the server is ending."""
        if self._ending:
            # Nobody would tell it to come back, and the end would wait for it.
            self.transport.write(_answer(OverloadedError("The server restarts.", wait_s=1)))
            self.transport.close()
            return
        super().handle_websocket_upgrade()
        socket = self.transport.get_protocol()
        if isinstance(socket, ComeBackProtocol):
            socket.on_lost = partial(self.open_connections.remove, self._address)

    def _unsupported_upgrade_warning(self) -> None:
        # Such as to HTTP/2: answered as HTTP/1.1, and the connection ends with the answer.
        if self.cycle:
            self.cycle.keep_alive = False

    def _wait(self, seconds: float, refusal: OutcryError) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._refuse, refusal)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _raise(self, refusal: OutcryError) -> None:
        """Stop the parser; ``send_400_response`` is called with what it was stopped for."""
        self._refusal = refusal
        raise refusal

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser did not take."""
        self._refuse(self._refusal or MalformedRequestError("This is not HTTP/1.1 as RFC 9112 has it."))

    def _refuse(self, error: OutcryError) -> None:
        """Tell what was wrong, unless an answer to something else is under way, and close."""
        self._stop_waiting()
        self.counts.add(error.code)
        answering = self.cycle is not None and not self.cycle.response_complete
        if not answering if self._in_head else answering and not self.cycle.response_started:
            self.transport.write(_answer(error))
        if answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def _answer(error: OutcryError) -> bytes:
    body = json.dumps(error.to_problem()).encode()
    headers = [f"{name}: {value}".encode() for name, value in problem_headers(error).items()]
    headers += [
        b"content-length: %d" % len(body),
        b"x-content-type-options: nosniff",
        b"cache-control: no-store",
        b"connection: close",
    ]
    return STATUS_LINE[error.status] + b"\r\n".join(headers) + b"\r\n\r\n" + body


def strict_protocol(settings: EdgeSettings, counts: Counts) -> type[StrictHttpProtocol]:
    """Return the protocol of a server with these settings."""
    connections = Connections(
        most=settings.connections, most_per_address=settings.connections_per_address, trusted=settings.trusted_proxies
    )
    shared = {"settings": settings, "counts": counts, "open_connections": connections}
    return type("StrictHttpProtocol", (StrictHttpProtocol,), shared)
