"""Password hashes: Argon2id over a peppered HMAC, in threads, so many at once and no more."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from outcry.kit.errors import UnavailableError
from outcry.ports.secrets import Secrets
from outcry.services.auth.password_rules import Owner, check_password
from outcry.services.auth.settings import AuthSettings

T = TypeVar("T")

THREADS = 2  # each hash holds its memory (64 MiB by default) while it runs
MOST_WAITING = 100
PEPPER = "auth-pepper"
PEPPER_VERSION = 1  # 0 is a hash of the password alone, from before there was a pepper
_PEPPER_SIZE = 32


class Passwords:
    """Hashes and verifies passwords. They are expected normalised.

    The pepper is a key outside the database (NIST SP 800-63B-4, section 3.1.1.2): who steals only the rows cannot
    even begin to guess.
    """

    def __init__(self, settings: AuthSettings, secrets: Secrets) -> None:
        self._secrets = secrets
        self._hasher = PasswordHasher(
            time_cost=settings.hash_time_cost,
            memory_cost=settings.hash_memory_kib,
            parallelism=settings.hash_parallelism,
        )
        # A pool of its own, since a request that is given up does not stop its thread: the pool still bounds those.
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._pepper = b""
        self._nobody = ""

    async def start(self) -> None:
        """Read the pepper, and make the hash that stands in for accounts that do not exist.

        Raises UnavailableError when the pepper is not one.
        """
        pepper = await self._secrets.get_or_create(PEPPER, size=_PEPPER_SIZE)
        if len(pepper) != _PEPPER_SIZE:
            raise UnavailableError(f"The secret {PEPPER} must have {_PEPPER_SIZE} bytes; it has {len(pepper)}.")
        self._pepper = pepper
        self._nobody = await self.hash("a password that belongs to nobody")

    async def check(self, password: str, owner: Owner, *, with_factor: bool = False) -> str:
        """Return the normalised password; raises InvalidInputError with the reason why it is not taken."""
        return await self._run(lambda: check_password(password, owner, with_factor=with_factor))

    async def hash(self, password: str) -> str:
        """Return the hash (of version ``PEPPER_VERSION``) with its parameters and salt.

        Raises UnavailableError when too many wait.
        """
        if not self._pepper:
            await self.start()
        return await self._run(lambda: self._hasher.hash(self._seasoned(password, PEPPER_VERSION)))

    async def verify(self, password_hash: str | None, password: str, *, pepper_version: int = PEPPER_VERSION) -> bool:
        """Say whether the password is the one of this hash. Without a hash it takes as long, and it is not.

        Raises UnavailableError when too many wait.
        """
        if not self._nobody:
            await self.start()
        seasoned = self._seasoned(password, pepper_version if password_hash else PEPPER_VERSION)
        right = await self._run(lambda: self._verify(password_hash or self._nobody, seasoned))
        return right and password_hash is not None

    def is_outdated(self, password_hash: str, pepper_version: int) -> bool:
        """Say whether a hash is to be made anew when its password is next shown."""
        return pepper_version < PEPPER_VERSION or self._hasher.check_needs_rehash(password_hash)

    def _seasoned(self, password: str, version: int) -> str:
        if version == 0:
            return password
        digest = hmac.new(self._pepper, password.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    def _verify(self, password_hash: str, seasoned: str) -> bool:
        try:
            return self._hasher.verify(password_hash, seasoned)
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise UnavailableError("Very many people are signing in right now. Try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
