"""Who is behind a proxy: what forwarding headers say counts only as far as trusted proxies wrote it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.kit.network import Network, find_address, is_within

_FORWARDING = (b"forwarded", b"x-forwarded-for", b"x-forwarded-proto")
_SOCKETS = {"http": "ws", "https": "wss"}
_PAIR = re.compile(r'\s*([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^;,"\s]*)\s*(;|,|$)')
_PORT = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::\d{1,5})?")


class Forwarding:
    """Puts the client's address and scheme into the scope; headers of whom nobody trusts are counted and ignored."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        trusted: Sequence[Network],
        header: Literal["x-forwarded-for", "forwarded"],
        counts: Counts,
    ) -> None:
        self._app = app
        self._trusted = trusted
        self._header = header
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] in ("http", "websocket"):
            said = [(name, value.decode("latin-1")) for name, value in scope["headers"] if name in _FORWARDING]
            if said:
                self._apply(scope, said)
        await self._app(scope, receive, send)

    def _apply(self, scope: Scope, said: list[tuple[bytes, str]]) -> None:
        peer = scope["client"][0] if scope.get("client") else ""
        if not is_within(peer, self._trusted):
            self._counts.add("untrusted_forwarding")
            return
        if self._header == "forwarded":
            address, proto = self._follow(peer, read_forwarded(_values(said, b"forwarded")))
        else:
            hops = [hop.strip() for hop in _values(said, b"x-forwarded-for").split(",")]
            protos = _values(said, b"x-forwarded-proto").rsplit(",", 1)
            address, _ = self._follow(peer, [(hop, "") for hop in hops])
            proto = protos[-1].strip().lower()
        scope["client"] = (address, 0)
        if proto in _SOCKETS:
            scope["scheme"] = _SOCKETS[proto] if scope["type"] == "websocket" else proto

    def _follow(self, peer: str, hops: Iterable[tuple[str, str]]) -> tuple[str, str]:
        """Go from the nearest hop outwards, as long as who wrote it is trusted."""
        address, proto = peer, ""
        for written, said in reversed(list(hops)):
            hop = read_hop(written)
            if hop is None:
                break
            address, proto = hop, said or proto
            if not is_within(address, self._trusted):
                break
        return address, proto


def _values(said: list[tuple[bytes, str]], wanted: bytes) -> str:
    return ",".join(value for name, value in said if name == wanted)


def read_hop(text: str) -> str | None:
    """Return the address of ``1.2.3.4``, ``1.2.3.4:80``, ``2001:db8::1`` or ``[2001:db8::1]:80``; None of others."""
    found = find_address(text)
    if found is None:
        parts = _PORT.fullmatch(text)
        found = find_address(parts[1] or parts[2]) if parts else None
    return str(found) if found else None


def read_forwarded(header: str) -> list[tuple[str, str]]:
    """Return ``for`` and ``proto`` of each element of RFC 7239's header, the farthest first; none if it is broken."""
    return list(_elements(header)) if _whole(header) else []


def _whole(header: str) -> bool:
    place = 0
    while place < len(header):
        pair = _PAIR.match(header, place)
        if pair is None or pair.end() == place:
            return False
        place = pair.end()
    return True


def _elements(header: str) -> Iterator[tuple[str, str]]:
    known: dict[str, str] = {}
    for pair in _PAIR.finditer(header):
        value = pair[2]
        known[pair[1].lower()] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        if pair[3] != ";":
            yield known.get("for", ""), known.get("proto", "").lower()
            known = {}
