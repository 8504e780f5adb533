"""Tickets for the realtime socket: browsers send no header with one, and a token must not go in its address.

A ticket is good for half a minute and for one sign-in. The cache never holds what would let its reader in: the access
token that a ticket stands for is sealed with the ticket itself, of which only a hash is stored.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request

from outcry.kit.errors import UnauthenticatedError
from outcry.kit.http import bearer_of, requires
from outcry.kit.principal import Principal
from outcry.kit.sealing import SealBrokenError, open_secret, seal_secret
from outcry.ports.cache import Cache

LIFE = timedelta(seconds=30)
_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeTicket:
    """Send it as the first frame of the socket, ``{"type": "auth", "ticket": …}``, within ``expires_in`` seconds."""

    ticket: str
    expires_in: int


class Tickets:
    """Gives tickets out, and takes each back once."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def issue(self, token: str) -> str:
        """Return a ticket that stands for an access token, which the caller has checked."""
        ticket = secrets.token_urlsafe(32)
        name, key = _parts(ticket)
        await self._cache.set(
            f"edge:ticket:{name}", seal_secret(token.encode(), key=key, context=name.encode()), ttl=LIFE
        )
        return ticket

    async def redeem(self, ticket: str) -> str:
        """Return the access token; raises UnauthenticatedError for a ticket that ended, was used or never was."""
        if not 0 < len(ticket) <= _LONGEST:
            raise UnauthenticatedError()
        name, key = _parts(ticket)
        sealed = await self._cache.get(f"edge:ticket:{name}")
        # Of two who come at once with the same ticket, ``add`` lets one in.
        if sealed is None or not await self._cache.add(f"edge:ticket-used:{name}", b"1", ttl=LIFE + LIFE):
            raise UnauthenticatedError()
        await self._cache.delete(f"edge:ticket:{name}")
        try:
            return open_secret(sealed, key=key, context=name.encode()).decode()
        except SealBrokenError:
            raise UnauthenticatedError() from None


def _parts(ticket: str) -> tuple[str, bytes]:
    """Return the name that the ticket is stored under, and the key that seals what it stands for."""
    said = ticket.encode()
    return hashlib.sha256(b"name:" + said).hexdigest(), hashlib.sha256(b"key:" + said).digest()


def ticket_router(tickets: Tickets) -> APIRouter:
    """Return the endpoint that gives tickets out."""
    router = APIRouter(prefix="/api/v1/realtime", tags=["realtime"])

    @router.post("/tickets", status_code=201)
    async def make_ticket(
        request: Request, principal: Annotated[Principal, requires("realtime:socket:open")]
    ) -> RealtimeTicket:
        """Get a ticket to sign in to the realtime socket with: good once, for half a minute."""
        ticket = await tickets.issue(bearer_of(request))
        return RealtimeTicket(ticket=ticket, expires_in=int(LIFE.total_seconds()))

    return router
