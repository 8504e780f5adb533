"""Yahoo's chart, asked in a thread through the library's own HTTP client, to addresses that were checked."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from outcry.adapters.outgoing.addresses import Resolve, allowed_addresses, read_host, resolve_host
from outcry.adapters.outgoing.breaking import read_retry_after
from outcry.kit.errors import InvalidInputError, NotFoundError, UnavailableError
from outcry.kit.network import USUAL_PORTS

_CALL_S = 20.0


class BusyError(UnavailableError):
    """Yahoo wants to be left alone for a while."""


class YahooCalls:
    """What yfinance asks for pages: each call goes to one address that was checked, and follows no redirect.

    Yahoo answers browsers only; curl_cffi greets servers as one does. Called in threads, never on the event loop.

    Args:
        gateway: where calls go instead, with the host as the first part of the path; empty for Yahoo itself.
    """

    def __init__(self, gateway: str, *, resolve: Resolve = resolve_host) -> None:
        self._gateway = gateway
        self._resolve = resolve

    def get(self, url: str, params: Mapping[str, Any] | None = None, timeout: float = _CALL_S) -> Any:
        """Return an answer; raises NotFoundError, InvalidInputError or UnavailableError for what is none."""
        from curl_cffi import CurlOpt, requests

        parts = urlsplit(url)
        target = f"{self._gateway}/{parts.hostname}{parts.path}" if self._gateway else url
        to = urlsplit(target)
        host, port = read_host(to.hostname or ""), to.port or USUAL_PORTS[to.scheme]
        # Whoever calls is in a thread, where no loop runs.
        address = asyncio.run(
            allowed_addresses(host, port, private_allowed=bool(self._gateway), resolve=self._resolve)
        )[0]
        pinned = f"{host}:{port}:{f'[{address}]' if ':' in address else address}"
        try:
            with requests.Session(
                impersonate="chrome",
                trust_env=False,
                allow_redirects=False,
                timeout=timeout,
                curl_options={CurlOpt.RESOLVE: [pinned]},
            ) as session:
                answer = session.get(target, params=dict(params or {}))
        except requests.exceptions.RequestException as error:
            raise UnavailableError("Yahoo cannot be reached.") from error
        _check(answer)
        return answer

    cache_get = get  # what yfinance calls for times long past: nothing is kept here


def _check(answer: Any) -> None:
    status = answer.status_code
    if status == 429:
        raise BusyError("Yahoo wants to be left alone.", wait_s=int(read_retry_after(_lower(answer.headers))))
    if status == 404:
        raise NotFoundError("Yahoo does not know this symbol.")
    if status in (400, 422):
        raise InvalidInputError("Yahoo does not give these bars; of minutes it has the last days only.")
    if status != 200:
        raise UnavailableError("Yahoo cannot be asked right now.")


def _lower(headers: Mapping[str, str | None]) -> dict[str, str]:
    return {name.lower(): value or "" for name, value in headers.items()}
