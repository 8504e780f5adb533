"""Identifiers: UUID version 7 (RFC 9562, section 5.7), so that ids sort by the time they were made."""

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """Return a UUIDv7: 48 bits of Unix milliseconds, then a counter that keeps ids of one process increasing.

    The 74 bits after the timestamp start at random each millisecond and are counted up within it (RFC 9562,
    section 6.2, method 2), so two ids made one after the other in this process always compare in that order.
    """
    global _last
    with _lock:
        milliseconds = time.time_ns() // 1_000_000
        fresh = (milliseconds << 74) | secrets.randbits(73)
        _last = fresh if (_last >> 74) < milliseconds else _last + 1 + secrets.randbits(32)
        value = _last
    timestamp, tail = value >> 74, value & ((1 << 74) - 1)
    rand_a, rand_b = tail >> 62, tail & ((1 << 62) - 1)
    return UUID(int=(timestamp << 80) | (0x7 << 76) | (rand_a << 64) | (0b10 << 62) | rand_b)
