"""WebSockets as uvicorn speaks them, but that a stopping server says why it leaves."""

from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

RESTARTING = 1012


class ComeBackProtocol(WebSocketsSansIOProtocol):
    """One socket. Code 1012 tells a client to come back, after a wait of its own so that not all come at once.

    ``on_lost`` is called when the connection, which began as one of HTTP, is gone.
    """

    on_lost: Callable[[], None] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what the connection held."""
        if self.on_lost:
            self.on_lost()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End it by a close frame."""
        if self.handshake_complete and not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTARTING})
            self.conn.send_close(RESTARTING, "The server restarts. Come back in a moment.")
            self.transport.write(b"".join(self.conn.data_to_send()))
            return
        super().shutdown()
