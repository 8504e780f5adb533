"""Williams' fractals: highs and lows that stand out from their neighbours."""

from collections import deque
from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming.saving import Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs


def fractal(left: int, right: int) -> Callable[[float, float], Outputs]:
    """Return 100 on the bar that confirms a swing, else 0: of the high, and of the low (Williams 1995).

    The bar ``right`` bars ago must stand above (below) all of the ``left`` bars before it and of the bars after it.
    """
    width = left + right + 1
    highs, lows = deque([nan] * width, width), deque([nan] * width, width)
    waiting = width - 1

    def step(high: float, low: float) -> Outputs:
        nonlocal waiting
        highs.append(high)
        lows.append(low)
        if waiting:
            waiting -= 1
            return nan, nan
        top, bottom = highs[left], lows[left]
        # Alone at the top: the highest, and no other bar as high.
        up = top == max(highs) and highs.count(top) == 1
        down = bottom == min(lows) and lows.count(bottom) == 1
        return 100.0 if up else 0.0, 100.0 if down else 0.0

    return step


STREAMS: Mapping[str, Open] = {
    "fractal": lambda settings: Steps(fractal(int(settings["left"]), int(settings["right"]))),
}
