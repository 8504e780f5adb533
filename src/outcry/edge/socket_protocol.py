"""WebSockets as uvicorn speaks them, and what one server with many of them needs besides.

Frames are written as they are, made once for all sockets. Uvicorn packs either every message or none, each socket with
a packer of its own: here a message is packed from a size on, without memory of those before, so that the packed
bytes are for all. A stopping server says why it leaves, and a peer that is gone is let go of.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame
from websockets.http11 import Request

from outcry.edge.wire import WINDOW_BITS, Take

RESTARTING = 1012
# Where the application finds the Wire of its socket.
WIRE = "outcry.wire"
_GONE_AFTER_S = 5.0

# Neither side keeps anything between messages: 44 kB less a socket, and ours are packed once for all.
_PACKING = [
    ServerPerMessageDeflateFactory(
        server_no_context_takeover=True, client_no_context_takeover=True, server_max_window_bits=WINDOW_BITS
    )
]


class _Mailbox:
    """In place of the queue of a socket that was handed over: whatever would be put there is taken at once."""

    __slots__ = ("put_nowait",)

    def __init__(self, take: Take) -> None:
        self.put_nowait = take


class _Flag:
    """In place of an event that nobody waits for any more."""

    __slots__ = ("_set",)

    def __init__(self, *, is_set: bool) -> None:
        self._set = is_set

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False


class ComeBackProtocol(WebSocketsSansIOProtocol):
    """One socket. Code 1012 tells a client to come back, after a wait of its own so that not all come at once.

    ``on_lost`` is called when the connection, which began as one of HTTP, is gone.
    """

    on_lost: Callable[[], None] | None = None
    _on_free: Callable[[], None] | None = None
    packs = False
    _handed_over = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn.available_extensions = _PACKING

    def handle_connect(self, event: Request) -> None:
        """Begin the application's part, which finds the wire in its scope."""
        super().handle_connect(event)
        if self.response.status_code != 101:
            return
        extensions = cast(dict[str, Any], self.scope["extensions"])
        extensions[WIRE] = self
        packing = [one for one in self.conn.extensions if isinstance(one, PerMessageDeflate)]
        # Who asks for a smaller window gets everything unpacked, which is always allowed.
        self.packs = any(one.local_max_window_bits >= WINDOW_BITS for one in packing)

    def hand_over(self, take: Take) -> None:
        """Give every message to ``take`` from now on. The application's task may end, and the socket goes on.

        So an idle socket holds no coroutine through all layers of the edge, and nothing of its first request.
        """
        waiting = self.queue
        self._handed_over = True
        self.queue = cast(asyncio.Queue[Any], _Mailbox(take))
        self.writable = cast(asyncio.Event, _Flag(is_set=self.writable.is_set()))
        del self.scope, self.request, self.response
        while not waiting.empty():
            take(waiting.get_nowait())

    async def run_asgi(self) -> None:
        """Run the application; the connection ends with it unless it was handed over."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("the application of a socket failed")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.logger.error("the application of a socket ended before it was open")
                self.send_500_response()
        if self.close_timer is None and not self._handed_over:
            self.transport.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something for the socket that a stopping server waits for."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.on_task_complete)

    def read_on(self) -> None:
        """Read what comes next; after each message nothing is read until this is called."""
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    @property
    def is_full(self) -> bool:
        """Whether the other side reads so slowly that more had better wait."""
        return not self.writable.is_set()

    def when_free(self, callback: Callable[[], None]) -> None:
        """Have this called each time after the wire was full."""
        self._on_free = callback

    def write(self, framed: bytes) -> None:
        """Send frames; nothing happens once the socket is ending."""
        if not (self.close_sent or self.disconnected or self.transport.is_closing()):
            self.transport.write(framed)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if self._on_free:
            self._on_free()

    def end(self, code: int, reason: str) -> None:
        """Say why it ends, and end it, whether or not the other side still reads."""
        if not self.handshake_complete or self.close_sent or self.disconnected:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        try:
            self.conn.send_close(code, reason)
        except InvalidState:
            return  # the other side ends it at this moment
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(_GONE_AFTER_S, self.transport.abort)

    def handle_close(self, event: Frame) -> None:
        """Take the other side's end, or its answer to ours."""
        super().handle_close(event)
        if not self.close_sent:
            # What it never reads must not keep the connection.
            self.close_timer = self.loop.call_later(_GONE_AFTER_S, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Let go of a peer that did not answer: there is nobody to wait for."""
        super().keepalive_timeout()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1011})
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what the connection held."""
        if self.on_lost:
            self.on_lost()
        super().connection_lost(exc)
        self._on_free = None

    def shutdown(self) -> None:
        """End it by a close frame."""
        if self.handshake_complete and not self.close_sent:
            self.end(RESTARTING, "The server restarts. Come back in a moment.")
            return
        super().shutdown()
