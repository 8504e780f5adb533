"""The Pages port on the web: every hop goes through the guard, and little comes back of each answer.

There is no breaker: whoever asks keeps what it got, also that it was nothing, and does not ask again at once.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2

from outcry.adapters.outgoing.addresses import AddressRefusedError, Resolve, resolve_host
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from outcry.kit.errors import NotFoundError, UnavailableError
from outcry.kit.network import USUAL_PORTS
from outcry.ports.pages import Page

MOST_REDIRECTS = 3
_MOST_BYTES = 16 * 2**20  # whatever who asks would take
_CONNECT_S, _SILENCE_S, TOTAL_S = 4.0, 4.0, 8.0
_LONGEST_URL = 2_048


class WebPages:
    """Asks strangers' servers as a program that says what it is: no cookies, no referrer, no key.

    Args:
        home: the origin of a server in the operator's own network that may be asked too, also without TLS.
        total_s: how long a page may take, its redirects included.
    """

    def __init__(self, home: str = "", *, resolve: Resolve = resolve_host, total_s: float = TOTAL_S) -> None:
        parts = urlsplit(home)
        self._home = (parts.scheme, parts.hostname, parts.port)
        self._total_s = total_s
        self._resolve = resolve
        self._rules = Rules(
            home=home, private_allowed=bool(home), clear_allowed=True, most_bytes=_MOST_BYTES, total_s=total_s
        )
        self._made: httpx2.AsyncClient | None = None

    async def fetch(self, url: str, *, most_bytes: Mapping[str, int]) -> Page:
        """Return what is at an address; see the port."""
        try:
            async with asyncio.timeout(self._total_s):
                return await self._follow(url, most_bytes)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError) as error:
            raise AddressRefusedError("The address is not a URL that can be asked.") from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise UnavailableError("The server does not answer as it should.") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._made:
            await self._made.aclose()

    @property
    def _http(self) -> httpx2.AsyncClient:
        """The client, made when the first page is asked for: it reads all certificates of authorities."""
        if self._made is None:
            transport = GuardedTransport(self._rules, resolve=self._resolve)
            options = client_options(transport, connect_s=_CONNECT_S, silence_s=_SILENCE_S)
            options["headers"] |= {"user-agent": "outcry (link preview)", "accept": "text/html, image/*"}
            self._made = httpx2.AsyncClient(**options)
        return self._made

    async def _follow(self, url: str, most_bytes: Mapping[str, int]) -> Page:
        for _ in range(MOST_REDIRECTS + 1):
            url = self._address(url)
            async with self._http.stream("GET", url) as answer:
                if not answer.has_redirect_location:
                    return await _read(answer, most_bytes)
                url = str(answer.url.join(answer.headers["location"]))
        raise NotFoundError("The address leads on and on.")

    def _address(self, url: str) -> str:
        """Return the address that is called for a link: the usual port of TLS, or home; raises AddressRefusedError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise AddressRefusedError("The address is not a URL.") from error
        if len(url) > _LONGEST_URL or parts.scheme not in USUAL_PORTS or not parts.hostname:
            raise AddressRefusedError("The address is not one of the web.")
        plain = parts._replace(fragment="")
        if self._home[1] and (parts.scheme, parts.hostname, port) == self._home:
            return plain.geturl()
        if port not in (None, USUAL_PORTS[parts.scheme]):
            # So that no link makes us knock at the doors of a stranger's machine one after the other.
            raise AddressRefusedError("The address names a port that is not the usual one.")
        if parts.username is not None or parts.password is not None:
            raise AddressRefusedError("The address contains a user name or password.")
        return plain._replace(scheme="https", netloc=parts.netloc.rpartition(":")[0] if port else parts.netloc).geturl()


async def _read(answer: httpx2.Response, most_bytes: Mapping[str, int]) -> Page:
    if answer.status_code >= 500 or answer.status_code == 429:
        raise UnavailableError("The server has no time for this.")
    if answer.status_code != 200:
        raise NotFoundError("There is no page for everybody at this address.")
    kind, charset = _kind(answer.headers.get("content-type", ""))
    if kind not in most_bytes:
        raise NotFoundError("There is something else at this address.")
    pieces, left = [], most_bytes[kind]
    async for piece in answer.aiter_bytes():
        pieces.append(piece[:left])
        left -= len(piece)
        if left < 0:
            break
    return Page(url=str(answer.url), kind=kind, charset=charset, data=b"".join(pieces), whole=left >= 0)


def _kind(header: str) -> tuple[str, str]:
    kind, *parameters = header[:300].lower().split(";")
    named = (each.strip().removeprefix("charset=") for each in parameters if each.strip().startswith("charset="))
    return kind.strip(), next(named, "").strip("\"' ")
