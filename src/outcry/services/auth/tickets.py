"""Tickets: single-use permissions to go on. The holder gets 256 random bits, the table keeps their hash."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.services.auth.models.access import TicketRow
from outcry.services.auth.vault import Vault

Purpose = Literal[
    "registration",  # a new account waits for its address to be confirmed
    "email",  # an address, new or first, waits to be confirmed
    "email_undo",  # an address that was replaced may be put back
    "recovery",  # a link to choose a new password
    "second_factor",  # a right password waits for the second factor
    "passkey_add",  # a challenge for a new passkey
    "passkey_use",  # a challenge to sign in or step up by passkey
    "passkey_register",  # a challenge for a new account that has only a passkey
    "totp_add",  # a seed that waits for its first code
    "oidc",  # a sign-in that went to an OpenID provider
    "oidc_done",  # a sign-in that came back from one
]

_LONGEST_TOKEN = 100
_FIELD = "ticket.data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An open ticket: whose it is (None while nobody), and what was put in it."""

    id: UUID
    person_id: UUID | None
    data: dict[str, Any]
    tries: int


def fingerprint(token: str) -> bytes:
    """Return the SHA-256 of a token. A plain hash is enough: it has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def new_token() -> str:
    """Return 256 random bits as text that fits into an address."""
    return secrets.token_urlsafe(32)


class Tickets:
    """Gives tickets out and takes them back, always inside the caller's transaction."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def issue(
        self,
        session: AsyncSession,
        purpose: Purpose,
        data: dict[str, Any],
        *,
        ttl: timedelta,
        person_id: UUID | None = None,
        alone: bool = False,
    ) -> str:
        """Return the token of a new ticket; ``alone`` ends the person's older tickets of this purpose."""
        now = self._clock.now()
        await session.execute(delete(TicketRow).where(TicketRow.expires_at <= now))
        if alone and person_id is not None:
            await self.withdraw(session, person_id, purpose)
        token = new_token()
        key = await self._vault.installation(session)
        values = {
            "id": new_id(),
            "purpose": purpose,
            "token_hash": fingerprint(token),
            "person_id": person_id,
            "sealed_data": key.seal(json.dumps(data), _FIELD),
            "tries": 0,
            "created_at": now,
            "expires_at": now + ttl,
        }
        await session.execute(insert(TicketRow).values(values))
        return token

    async def find(self, session: AsyncSession, purpose: Purpose, token: str, *, held: bool = False) -> Ticket | None:
        """Return an open ticket without taking it; None when there is none, or it is too old or another's purpose.

        ``held`` makes whoever else asks for it so wait for this transaction to end: tries side by side all count.
        """
        if len(token) > _LONGEST_TOKEN:
            return None
        query = select(TicketRow).where(TicketRow.token_hash == fingerprint(token), TicketRow.purpose == purpose)
        row = await session.scalar(query.with_for_update() if held else query)
        if row is None or row.expires_at <= self._clock.now():
            return None
        key = await self._vault.installation(session)
        return Ticket(
            id=row.id, person_id=row.person_id, data=json.loads(key.open(row.sealed_data, _FIELD)), tries=row.tries
        )

    async def take(self, session: AsyncSession, purpose: Purpose, token: str) -> Ticket | None:
        """Use a ticket up and return it; of two who take it at once one gets it, the other None."""
        found = await self.find(session, purpose, token)
        if found is None:
            return None
        taken = await session.execute(delete(TicketRow).where(TicketRow.id == found.id).returning(TicketRow.id))
        return found if taken.scalar_one_or_none() is not None else None

    async def count_try(self, session: AsyncSession, ticket: Ticket, *, most: int) -> None:
        """Count a wrong code against a ticket, and end it at the last try that it has."""
        if ticket.tries + 1 >= most:
            await session.execute(delete(TicketRow).where(TicketRow.id == ticket.id))
        else:
            await session.execute(update(TicketRow).where(TicketRow.id == ticket.id).values(tries=TicketRow.tries + 1))

    async def withdraw(self, session: AsyncSession, person_id: UUID, *purposes: Purpose) -> None:
        """End a person's tickets of these purposes, or of all."""
        query = delete(TicketRow).where(TicketRow.person_id == person_id)
        await session.execute(query.where(TicketRow.purpose.in_(purposes)) if purposes else query)
