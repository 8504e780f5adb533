"""Text as it goes over a socket: framed once, and packed once, however many sockets it is for (RFC 6455, RFC 7692)."""

import zlib
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

# Below this, packing costs more than it saves on the way.
PACKED_FROM_BYTES = 1_024
# What every client can unpack that does not ask for less; the smaller window costs it less memory.
WINDOW_BITS = 12
_LEVEL = 3
_MEMORY_LEVEL = 7
_TAIL = b"\x00\x00\xff\xff"

# Why the server ends a socket, beside the codes of RFC 6455 (1009: a frame over the size, 1012: it restarts).
CLOSE_FAILED = 1011
CLOSE_BAD_FRAME = 4400
CLOSE_UNAUTHENTICATED = 4401
CLOSE_TOO_SLOW = 4408
CLOSE_BEHIND = 4409
CLOSE_TOO_OFTEN = 4429

_FINAL_TEXT = 0x81
_PACKED = 0x40


# Gets each message of a socket, as ASGI has them, and its end.
Take = Callable[[Any], None]


class Wire(Protocol):
    """One open socket as bytes: what a session writes to, and how it ends it."""

    @property
    def packs(self) -> bool:
        """Whether the other side unpacks."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether the other side reads so slowly that more had better wait."""
        ...

    def hand_over(self, take: Take) -> None:
        """Give every message to ``take`` from now on, and let the application's task end."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something for the socket that a stopping server waits for."""
        ...

    def read_on(self) -> None:
        """Read what comes next; after each message nothing is read until this is called."""
        ...

    def write(self, framed: bytes) -> None:
        """Send frames; nothing happens once the socket is ending."""
        ...

    def end(self, code: int, reason: str) -> None:
        """Say why it ends, and end it, whether or not the other side still reads."""
        ...

    def when_free(self, callback: Callable[[], None]) -> None:
        """Have this called each time after the wire was full."""
        ...


class Encoded:
    """One message: its bytes for sockets that unpack and for those that do not, each made when first wanted."""

    __slots__ = ("_packed", "_plain", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain: bytes | None = None
        self._packed: bytes | None = None

    def framed(self, *, packed: bool) -> bytes:
        """Return the message as a frame of a server, which is the same for every socket."""
        if self._plain is None:
            self._plain = _frame(_FINAL_TEXT, self.text.encode())
        if not packed or len(self._plain) < PACKED_FROM_BYTES:
            return self._plain
        if self._packed is None:
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -WINDOW_BITS, _MEMORY_LEVEL)
            body = packer.compress(self.text.encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
            self._packed = _frame(_FINAL_TEXT | _PACKED, body.removesuffix(_TAIL))
        return self._packed


def _frame(first: int, body: bytes) -> bytes:
    length = len(body)
    if length < 126:
        return bytes((first, length)) + body
    if length < 65_536:
        return bytes((first, 126)) + length.to_bytes(2, "big") + body
    return bytes((first, 127)) + length.to_bytes(8, "big") + body
