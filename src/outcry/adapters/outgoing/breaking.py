"""HTTP calls to one destination: none while it rests, and another try where that does no harm."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from outcry.adapters.outgoing.addresses import HostUnknownError
from outcry.adapters.outgoing.destinations import Call, Destination

# RFC 9110, section 9.2.2; what we send besides is never sent twice, unless nothing of it had left.
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_QUICK = (httpx2.ConnectError, httpx2.ReadError, httpx2.RemoteProtocolError)
_BUSY = frozenset({429, 502, 503, 504})
_NEVER_DONE = frozenset({501, 505})  # an answer about the request, not a server in trouble
_QUICK_S = 2.0


class BreakingTransport(httpx2.AsyncBaseTransport):
    """Carries calls over ``inner``, and tells the destination how they end.

    Absent, too slow, broken off and 5xx are failures. Any other answer is none: a wrong key is not the server's fault.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, destination: Destination) -> None:
        self._inner = inner
        self._destination = destination

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; raises UnavailableError at once while the destination rests."""
        self._destination.note_first_try()
        begun, retries = self._destination.now(), 0
        while True:
            call = self._destination.admit()
            try:
                response = await self._inner.handle_async_request(request)
            except BaseException as error:
                _tell(call, error)
                again = self._may_repeat(request, begun) and isinstance(error, _QUICK)
                unsent = isinstance(error, httpx2.ConnectError)
                if not ((again or unsent) and await self._destination.pause(retries)):
                    raise
            else:
                if not await self._goes_again(request, response, call, begun=begun, retries=retries):
                    return response
            retries += 1

    def _may_repeat(self, request: httpx2.Request, begun: float) -> bool:
        return request.method in _IDEMPOTENT and self._destination.now() - begun < _QUICK_S

    async def _goes_again(
        self, request: httpx2.Request, response: httpx2.Response, call: Call, *, begun: float, retries: int
    ) -> bool:
        """Judge an answer; True when the call is to be made again."""
        status = response.status_code
        if status in (429, 503) and (wait_s := read_retry_after(response.headers)):
            self._destination.hold(wait_s)
        else:
            wait_s = 0.0
        if status < 500 or status in _NEVER_DONE:
            assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101  # as asynchronous transports give
            response.stream = _Watched(response.stream, call)
        else:
            call.fail()
        repeats = status in _BUSY and (status != 429 or wait_s) and self._may_repeat(request, begun)
        if not (repeats and await self._destination.pause(retries, wait_s=wait_s)):
            return False
        await response.aclose()
        return True

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class _Watched(httpx2.AsyncByteStream):
    """An answer whose first bytes are a success, and whose breaking off turns that into a failure."""

    def __init__(self, inner: httpx2.AsyncByteStream, call: Call) -> None:
        self._inner, self._call = inner, call
        self._whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._inner:
                self._call.hear()
                yield piece
        except Exception as error:
            _tell(self._call, error)
            raise
        self._whole = True
        self._call.succeed()

    async def aclose(self) -> None:
        if not self._whole:
            self._call.give_up()
        await self._inner.aclose()


def _tell(call: Call, error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        call.give_up()
    elif isinstance(error, httpx2.HTTPError | HostUnknownError) and not isinstance(error, httpx2.PoolTimeout):
        call.fail()
    else:
        call.release()  # the address was refused, or the fault is ours


def read_retry_after(headers: Mapping[str, str]) -> float:
    """Return for how many seconds a server wants to be left alone (RFC 9110, section 10.2.3); 0 without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
