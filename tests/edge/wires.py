"""A wire that keeps what is written to it, for tests of what writes."""

import json
import zlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any


@dataclass
class KeptWire:
    """The other side of a socket that reads everything, until a test lets it be full."""

    packs: bool = False
    is_full: bool = False
    written: list[bytes] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    on_free: Callable[[], None] = lambda: None

    def hand_over(self, take: Callable[[Any], None]) -> None:
        """Nothing ever comes in."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Nothing is ever to be done."""

    def read_on(self) -> None:
        """Nothing is read."""

    def write(self, framed: bytes) -> None:
        """Keep frames."""
        if not self.ended:
            self.written.append(framed)

    def end(self, code: int, reason: str) -> None:
        """Keep why it ended."""
        self.ended.append((code, reason))

    def when_free(self, callback: Callable[[], None]) -> None:
        """Keep whom to tell."""
        self.on_free = callback

    def free(self) -> None:
        """Read again."""
        self.is_full = False
        self.on_free()

    @property
    def messages(self) -> list[Any]:
        """What the other side reads, of each write its messages."""
        return [json.loads(text) for framed in self.written for text in read_messages(framed)]


def read_messages(framed: bytes) -> list[str]:
    """Return the texts of a server's frames, read as RFC 6455 (5.2) and RFC 7692 (7.2.2) have it."""
    texts: list[str] = []
    while framed:
        assert framed[0] & 0x8F == 0x81, "a whole message of text"
        length, start = framed[1], 2
        assert length < 128, "a server masks nothing"
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(framed[2:start], "big")
        body, packed, framed = framed[start : start + length], framed[0] & 0x40, framed[start + length :]
        texts.append((zlib.decompress(body + b"\x00\x00\xff\xff", -12) if packed else body).decode())
    return texts
