"""Streams of turns of the price, each on the bar that confirms it, and of the levels that turns make."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping
from math import inf, nan

from outcry.quant.indicators.levels import cluster
from outcry.quant.indicators.streaming.saving import Saved, Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs


class Turn(Saved):
    """The search for the next high: the highest bar so far, until a bar without a new high falls a part under it.

    A low is a high of the prices turned over.
    """

    __slots__ = ("_factor", "ago", "top")

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self.begin(-inf)

    def begin(self, top: float) -> None:
        """Search anew from this bar on."""
        self.top = top
        self.ago = 0

    def confirms(self, top: float, bottom: float) -> bool:
        """Take the next bar; return whether it confirms the highest before it, which was ``ago`` bars back."""
        if top > self.top:
            self.begin(top)
            return False
        self.ago += 1
        return bottom <= self.top * self._factor


def zigzag(deviation: float) -> Callable[[float, float], Outputs]:
    """Return the price of the pivot that this bar confirms, how many bars back it was, 1 for a high, -1 for a low.

    A bar that confirms none, and so nearly every bar, gives NaN (Merrill 1977).
    """
    share = deviation / 100.0
    up, down = Turn(1.0 - share), Turn(1.0 + share)
    # 0 while both are searched for, 1 when a high comes next, -1 when a low does.
    sought = 0

    def step(high: float, low: float) -> Outputs:
        nonlocal sought
        if sought >= 0 and up.confirms(high, low):
            found = (up.top, float(up.ago), 1.0)
            sought = -1
            down.begin(-low)
            return found
        if sought <= 0 and down.confirms(-low, -high):
            found = (-down.top, float(down.ago), -1.0)
            sought = 1
            up.begin(high)
            return found
        return nan, nan, nan

    return step


def levels(strength: int, tolerance: float, touches: int, memory: int) -> Callable[[float, float, float], Outputs]:
    """Return the nearest level at or under the close, and the nearest over it (Edwards and Magee 1948).

    ``outcry.quant.indicators.levels`` says what a turn and a level are.
    """
    part = tolerance / 100.0
    width = 2 * strength + 1
    highs, lows = deque([inf] * width, width), deque([-inf] * width, width)
    turns: deque[float] = deque(maxlen=memory)
    found: list[float] = []
    left = 2 * strength

    def turned() -> bool:
        met = False
        top, bottom = highs[strength], lows[strength]
        if top == max(highs) and top > max(list(highs)[:strength]):
            turns.append(top)
            met = True
        if bottom == min(lows) and bottom < min(list(lows)[:strength]):
            turns.append(bottom)
            met = True
        return met

    def step(high: float, low: float, close: float) -> Outputs:
        nonlocal left, found
        highs.append(high)
        lows.append(low)
        if left:
            left -= 1
            return nan, nan
        if turned():
            found = cluster(turns, part, touches)
        place = bisect_right(found, close)
        return found[place - 1] if place else nan, found[place] if place < len(found) else nan

    return step


STREAMS: Mapping[str, Open] = {
    "zigzag": lambda settings: Steps(zigzag(settings["deviation"])),
    "levels": lambda settings: Steps(
        levels(int(settings["strength"]), settings["tolerance"], int(settings["touches"]), int(settings["memory"]))
    ),
}
