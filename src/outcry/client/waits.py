"""How long to wait before the next try."""

import random
from collections.abc import Callable

FIRST_S = 0.5
LONGEST_S = 30.0


def wait_before(attempt: int, draw: Callable[[], float] = random.random) -> float:
    """Return seconds before try ``attempt`` (0 is the first): anything up to a bound that doubles to half a minute.

    Full jitter: of a thousand clients that lost their server at once, no two come back together.
    """
    return min(LONGEST_S, FIRST_S * 2.0 ** min(attempt, 10)) * draw()
