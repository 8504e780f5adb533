"""WebSockets as uvicorn speaks them, but that a stopping server says why it leaves."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

RESTARTING = 1012


class ComeBackProtocol(WebSocketsSansIOProtocol):
    """One socket. Code 1012 tells a client to come back, after a wait of its own so that not all come at once."""

    def shutdown(self) -> None:
        """End it by a close frame."""
        if self.handshake_complete and not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTARTING})
            self.conn.send_close(RESTARTING, "The server restarts. Come back in a moment.")
            self.transport.write(b"".join(self.conn.data_to_send()))
            return
        super().shutdown()
