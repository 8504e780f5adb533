"""Password hashes: Argon2id in threads, so many at once and no more."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from outcry.kit.errors import UnavailableError
from outcry.services.auth.settings import AuthSettings

T = TypeVar("T")

THREADS = 2  # each hash holds its memory (64 MiB by default) while it runs
MOST_WAITING = 100


class Passwords:
    """Hashes and verifies passwords. They are expected normalised."""

    def __init__(self, settings: AuthSettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.hash_time_cost,
            memory_cost=settings.hash_memory_kib,
            parallelism=settings.hash_parallelism,
        )
        # A pool of its own, since a request that is given up does not stop its thread: the pool still bounds those.
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = ""

    async def start(self) -> None:
        """Make the hash that stands in for accounts that do not exist."""
        self._nobody = await self.hash("a password that belongs to nobody")

    async def hash(self, password: str) -> str:
        """Return the hash with its parameters and salt; raises UnavailableError when too many wait."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Say whether the password is the one of this hash. Without a hash it takes as long, and it is not.

        Raises UnavailableError when too many wait.
        """
        if not self._nobody:
            await self.start()
        right = await self._run(lambda: self._verify(password_hash or self._nobody, password))
        return right and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
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
