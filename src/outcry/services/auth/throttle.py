"""Slows down who guesses passwords, without locking anybody out.

Tries are counted per account and network, per network, and per account over all browsers that nobody has signed in
from before. A browser from which the right password was once given carries a device cookie (OWASP, "Slow Down Online
Guessing Attacks with Device Cookies") and has a counter of its own, so that the tries of strangers, however many and
from wherever, never keep it out.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.errors import RateLimitedError
from outcry.kit.market import from_micros, to_micros
from outcry.kit.network import network_of
from outcry.ports.cache import Cache
from outcry.services.auth.settings import AuthSettings

MOST_CODES = 50
_CODES_WINDOW = timedelta(days=1)
_MOST_MAILS_A_NETWORK = 5  # to one address
_MOST_MAILS = 10  # to one address, from all networks together
MOST_CHALLENGES = 300
_CHALLENGES_WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How often something was tried within the window.

    ``for_account`` from this network, ``from_strangers`` for the account from all browsers that are not known, and
    ``from_address`` for any account: sign-ins that failed, and accounts and mails that were asked for. ``over`` says
    that the next try is refused, whatever comes with it.
    """

    for_account: int
    from_strangers: int
    from_address: int
    over: bool


class Throttle:
    """Counts failed tries, and mails, in the cache. Counters end after a window that begins with the first."""

    def __init__(self, cache: Cache, settings: AuthSettings, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._window = timedelta(minutes=settings.failure_minutes)
        self._link = timedelta(minutes=settings.link_minutes)
        self._per_account = settings.failures_per_account
        self._per_address = settings.failures_per_address
        self._from_strangers = settings.failures_from_strangers

    async def admit(self, account: str, address: str, *, browser: str = "") -> None:
        """Count a try before its password is looked at; raises RateLimitedError when there were too many.

        The try counts as failed until ``succeeded`` says otherwise, so tries that run side by side all count.
        ``browser`` is the name of a browser that has signed in to this account before, by its device cookie.
        """
        if browser:
            await self._count(_key("browser", account, browser), self._per_account, "from this browser")
            return
        await self.admit_address(address)
        await self._count(_key("account", account, network_of(address)), self._per_account, "for this account")
        where = "for this account from browsers that have not signed in to it before"
        await self._count(_key("strangers", account), self._from_strangers, where)

    async def admit_factor(self, person_id: UUID, address: str, kind: str) -> None:
        """Count a try of a second factor before it is looked at; raises RateLimitedError when there were too many.

        Who tries one has the password already, or is signed in. So tries at the six digits of an app count together
        from everywhere as well: many addresses must not make many guesses (NIST SP 800-63B-4, section 3.2.2). What
        nobody can guess is slowed only where it comes from: a passkey or a recovery code lets its owner in meanwhile.
        """
        await self.admit_address(address)
        if kind == "passkey":
            return
        await self._count(_key("codes", str(person_id), network_of(address)), self._per_account, "for this account")
        if kind != "recovery_code":
            await self._count(_key("codes", str(person_id)), MOST_CODES, "for this account", window=_CODES_WINDOW)

    async def factor_succeeded(self, person_id: UUID, address: str) -> None:
        """Forget the failed tries at this person's factors."""
        await self._cache.delete(_key("codes", str(person_id), network_of(address)))
        await self._cache.delete(_key("codes", str(person_id)))

    async def admit_challenge(self, address: str) -> None:
        """Count a challenge that a stranger asks for, each of which is written down; raises RateLimitedError."""
        key = _key("challenge", network_of(address))
        await self._count(key, MOST_CHALLENGES, "from this network", window=_CHALLENGES_WINDOW)

    async def admit_address(self, address: str) -> None:
        """Raise RateLimitedError when too many tries from this address failed, whatever the account."""
        key = _key("address", network_of(address))
        if await self._read(key) >= self._per_address:
            raise await self._refusal(key, "from this network", self._window)

    async def admit_mail(self, recipient: str, address: str) -> bool:
        """Count a mail that somebody without a session asks for; raises RateLimitedError for who asks too often.

        Returns False when this recipient gets no more for now, from whomever: who asks must not learn it, and the
        links of the mails before it still work.
        """
        await self.admit_address(address)
        key = _key("mail", recipient, network_of(address))
        await self._count(key, _MOST_MAILS_A_NETWORK, "to send a mail to this address", window=self._link)
        return await self._increment(_key("mails", recipient), self._link) <= _MOST_MAILS

    async def tries(self, account: str, address: str) -> Tries:
        """Return the counters; nothing is counted."""
        network = network_of(address)
        mine = await self._read(_key("account", account, network))
        strangers = await self._read(_key("strangers", account))
        failed = await self._read(_key("address", network))
        return Tries(
            for_account=mine,
            from_strangers=strangers,
            from_address=failed + await self._read(_key("asked", network)),
            over=mine >= self._per_account or strangers >= self._from_strangers or failed >= self._per_address,
        )

    async def asked(self, address: str) -> None:
        """Count that somebody there asked for an account, or for a mail with a link to theirs."""
        await self._increment(_key("asked", network_of(address)), self._window)

    async def failed(self, address: str) -> None:
        """Count a failed try against its address."""
        await self._increment(_key("address", network_of(address)), self._window)

    async def succeeded(self, account: str, address: str, *, browser: str = "") -> None:
        """Forget the failed tries of this account: from this address or browser, and those of all strangers.

        As NIST SP 800-63B-4, section 3.2.2 has it.
        """
        await self._cache.delete(_key("strangers", account))
        await self._cache.delete(
            _key("browser", account, browser) if browser else _key("account", account, network_of(address))
        )

    async def _count(self, key: str, most: int, where: str, *, window: timedelta | None = None) -> None:
        if await self._increment(key, window or self._window) > most:
            raise await self._refusal(key, where, window or self._window)

    async def _read(self, key: str) -> int:
        return int(await self._cache.get(key) or 0)

    async def _increment(self, key: str, window: timedelta) -> int:
        count = await self._cache.increment(key, ttl=window)
        if count == 1:
            ends = to_micros(self._clock.now() + window)
            await self._cache.set(f"{key}:ends", str(ends).encode(), ttl=window)
        return count

    async def _refusal(self, key: str, where: str, window: timedelta) -> RateLimitedError:
        ends = await self._cache.get(f"{key}:ends")
        wait = from_micros(int(ends)) - self._clock.now() if ends else window
        seconds = max(1, round(wait.total_seconds()))
        minutes = max(1, -(-seconds // 60))
        said = f"{minutes} minutes" if minutes > 1 else "a minute"
        return RateLimitedError(f"Too many tries {where}. Wait {said}, then try again.", wait_s=seconds)


def _key(kind: str, *parts: str) -> str:
    # Hashed, so that nobody's e-mail address lies in the cache.
    digest = hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()
    return f"auth:tries:{kind}:{digest}"
