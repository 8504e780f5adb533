"""How many frames one socket may send: a bucket that fills again, counted in this process alone."""

import math
from collections.abc import Callable
from time import monotonic

from outcry.kit.errors import RateLimitedError


class Allowance:
    """What one socket may still send."""

    __slots__ = ("_at", "_left", "_quota")

    def __init__(self, quota: "FrameQuota") -> None:
        self._quota = quota
        self._left = quota.most
        self._at = quota.now()

    def take(self) -> None:
        """Count one frame; raises RateLimitedError when it was one too many."""
        quota, now = self._quota, self._quota.now()
        self._left = min(quota.most, self._left + (now - self._at) * quota.per_second)
        self._at = now
        if self._left < 1:
            # Half full again, a client that comes back has room for its subscriptions.
            wait_s = max(1, math.ceil(quota.most / 2 / quota.per_second))
            raise RateLimitedError("Too many frames on one socket. Come back more slowly.", wait_s=wait_s)
        self._left -= 1


class FrameQuota:
    """``most`` frames at once, and so many again within ``window_s``."""

    def __init__(self, *, most: float, window_s: float, now: Callable[[], float] = monotonic) -> None:
        self.most = most
        self.per_second = most / window_s
        self.now = now

    def begin(self) -> Allowance:
        """Return the allowance of a new socket."""
        return Allowance(self)
