"""Slows down who guesses passwords, without locking anybody out: tries are counted per account and address."""

import hashlib
from datetime import timedelta
from uuid import UUID

from outcry.kit.errors import RateLimitedError
from outcry.ports.cache import Cache
from outcry.services.auth.identity import network_of
from outcry.services.auth.settings import AuthSettings

MOST_CODES = 50
_CODES_WINDOW = timedelta(days=1)


class Throttle:
    """Counts failed tries in the cache. A stranger's tries count against the stranger's address only."""

    def __init__(self, cache: Cache, settings: AuthSettings) -> None:
        self._cache = cache
        self._window = timedelta(minutes=settings.failure_minutes)
        self._per_account = settings.failures_per_account
        self._per_address = settings.failures_per_address

    async def admit(self, account: str, address: str) -> None:
        """Count a try before its password is looked at; raises RateLimitedError when there were too many.

        The try counts as failed until ``succeeded`` says otherwise, so tries that run side by side all count.
        """
        await self.admit_address(address)
        tries = await self._cache.increment(_account_key(account, address), ttl=self._window)
        if tries > self._per_account:
            raise self._refusal("for this account")

    async def admit_factor(self, person_id: UUID, address: str, *, guessable: bool = True) -> None:
        """Count a try of a second factor before it is looked at; raises RateLimitedError when there were too many.

        Who tries codes has the password already. So tries from everywhere count together as well: a code has six
        digits, and many addresses must not make many guesses (NIST SP 800-63B-4, section 3.2.2). What cannot be
        guessed, a passkey, is only slowed per address: nobody is kept from theirs by a stranger's tries at codes.
        """
        if not guessable:
            await self.admit_address(address)
            return
        await self.admit(f"codes:{person_id}", address)
        if await self._cache.increment(_codes_key(person_id), ttl=_CODES_WINDOW) > MOST_CODES:
            raise RateLimitedError("Too many wrong codes for this account. Use a passkey, or try again tomorrow.")

    async def factor_succeeded(self, person_id: UUID, address: str) -> None:
        """Forget the failed tries at this person's factors."""
        await self.succeeded(f"codes:{person_id}", address)
        await self._cache.delete(_codes_key(person_id))

    async def admit_address(self, address: str) -> None:
        """Raise RateLimitedError when too many tries from this address failed, whatever the account."""
        failures = int(await self._cache.get(_address_key(address)) or 0)
        if failures >= self._per_address:
            raise self._refusal("from this network")

    async def failed(self, address: str) -> None:
        """Count a failed try against its address."""
        await self._cache.increment(_address_key(address), ttl=self._window)

    async def succeeded(self, account: str, address: str) -> None:
        """Forget the failed tries of this account from this address."""
        await self._cache.delete(_account_key(account, address))

    def _refusal(self, where: str) -> RateLimitedError:
        minutes = round(self._window.total_seconds() / 60)
        return RateLimitedError(f"Too many failed tries {where}. Wait {minutes} minutes, then try again.")


def _account_key(account: str, address: str) -> str:
    # Hashed, so that nobody's e-mail address lies in the cache.
    digest = hashlib.sha256(f"{account}\n{network_of(address)}".encode(errors="replace")).hexdigest()
    return f"auth:tries:account:{digest}"


def _codes_key(person_id: UUID) -> str:
    return f"auth:tries:codes:{person_id}"


def _address_key(address: str) -> str:
    return f"auth:tries:address:{network_of(address)}"
