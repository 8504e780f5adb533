"""The Filings port on the SEC's EDGAR, which asks programs to say who runs them and to keep to ten calls a second."""

import asyncio
import re
from dataclasses import dataclass

import httpx2

from outcry.adapters.outgoing.addresses import Resolve, resolve_host
from outcry.adapters.outgoing.breaking import BreakingTransport
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from outcry.kit.address import AddressError
from outcry.kit.errors import InvalidInputError, NotFoundError, UnavailableError

_BASE = "https://data.sec.gov"
_CONTACT = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,200}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")
_MOST_BYTES = 64 * 2**20
_CONNECT_S, _SILENCE_S, _TOTAL_S = 5.0, 15.0, 60.0
_PAUSE_S = 0.11


@dataclass(frozen=True, slots=True, kw_only=True)
class SecAddress:
    """Who runs this installation, for the SEC to write to, and where EDGAR is."""

    contact: str
    base: str = _BASE


def read_sec_address(text: str) -> SecAddress:
    """Return what ``sec:ops@desk.example`` says; ``?base=https://host`` is for a mirror. Raises AddressError."""
    contact, _, options = text.partition(":")[2].partition("?")
    if not _CONTACT.fullmatch(contact):
        raise AddressError("after the colon it needs an e-mail address, which the SEC asks for")
    if not options:
        return SecAddress(contact=contact)
    name, _, base = options.partition("=")
    if name != "base" or not _ORIGIN.fullmatch(base):
        raise AddressError("after ? it may have base=https://host")
    return SecAddress(contact=contact, base=base)


class SecFilings:
    """Asks EDGAR, one call after the other."""

    def __init__(
        self, address: SecAddress, *, resolve: Resolve = resolve_host, outside: Destinations | None = None
    ) -> None:
        self._base = address.base
        rules = Rules(
            home=address.base, private_allowed=True, clear_allowed=False, most_bytes=_MOST_BYTES, total_s=_TOTAL_S
        )
        destination = (outside or Destinations()).get("filings", "sec")
        transport = BreakingTransport(GuardedTransport(rules, resolve=resolve), destination)
        options = client_options(transport, connect_s=_CONNECT_S, silence_s=_SILENCE_S)
        options["headers"] |= {"user-agent": f"outcry {address.contact}"}
        self._http = httpx2.AsyncClient(**options)
        self._turn = asyncio.Lock()

    async def company_facts(self, cik: str) -> bytes:
        """Return the document of a company; raises NotFoundError and UnavailableError."""
        if not (cik.isascii() and cik.isdigit() and len(cik) <= 10):
            raise NotFoundError("A CIK has at most ten digits.")
        url = f"{self._base}/api/xbrl/companyfacts/CIK{cik.zfill(10)}.json"
        try:
            async with self._turn:
                answer = await self._http.get(url)
                await asyncio.sleep(_PAUSE_S)
        except (httpx2.HTTPError, httpx2.InvalidURL, InvalidInputError, TimeoutError, ValueError) as error:
            raise UnavailableError("The SEC does not answer right now.") from error
        if answer.status_code == 404:
            raise NotFoundError(f"The SEC has no figures under the CIK {cik}.")
        if answer.status_code != 200:
            raise UnavailableError(f"The SEC does not give its figures right now (status {answer.status_code}).")
        return answer.content

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
