"""How two series move together over a window, from running totals around values near their means."""

from collections import deque
from math import nan, sqrt

from outcry.quant.indicators.streaming.saving import Saved
from outcry.quant.indicators.streaming.spreads import LOST, WINDOWS


class Joint(Saved):
    """The totals of two series, their squares and their product over the window, the centers taken away.

    They are begun anew from the window as those of ``spreads.variance`` are; ``both`` says that it happens for the
    second series' digits too, not for the first one's only.
    """

    __slots__ = (
        "_both",
        "_center_x",
        "_center_y",
        "_period",
        "_ring_x",
        "_ring_y",
        "_seen",
        "x",
        "xx",
        "xy",
        "y",
        "yy",
    )

    def __init__(self, period: int, *, both: bool) -> None:
        self._period = period
        self._both = both
        self._ring_x, self._ring_y = deque([0.0] * period, period), deque([0.0] * period, period)
        self._center_x = self._center_y = 0.0
        self._seen = 0
        self.x = self.y = self.xx = self.yy = self.xy = 0.0

    def take(self, x: float, y: float) -> bool:
        """Take the next values; return whether the window is full. ``drop`` must follow if it is."""
        self._ring_x.append(x)
        self._ring_y.append(y)
        if not self._seen:
            self._center_x, self._center_y = x, y
        self._seen += 1
        self._add(x, y)
        return self._seen >= self._period

    def drop(self) -> bool:
        """Take the oldest out; return whether the window had to be summed anew, without its oldest left out."""
        spread_x, spread_y = self.spread_x, self.spread_y
        dx, dy = self._away(self._ring_x[0], self._ring_y[0])
        xx, yy = self.xx - dx * dx, self.yy - dy * dy
        lost = spread_x < LOST * xx or (self._both and spread_y < LOST * yy)
        if lost or self._seen == self._period - 1 + WINDOWS * self._period:
            self._begin()
            return True
        self._take_out(dx, dy)
        return False

    def drop_again(self) -> None:
        """Take the oldest out after the window was summed anew."""
        self._take_out(*self._away(self._ring_x[0], self._ring_y[0]))

    @property
    def spread_x(self) -> float:
        """The sum of squares around the first mean."""
        return self.xx - self.x * self.x * (1.0 / self._period)

    @property
    def spread_y(self) -> float:
        """The sum of squares around the second mean."""
        return self.yy - self.y * self.y * (1.0 / self._period)

    def _away(self, x: float, y: float) -> tuple[float, float]:
        return x - self._center_x, y - self._center_y

    def _add(self, x: float, y: float) -> None:
        dx, dy = self._away(x, y)
        self.x += dx
        self.y += dy
        self.xx += dx * dx
        self.yy += dy * dy
        self.xy += dx * dy

    def _take_out(self, dx: float, dy: float) -> None:
        self.x -= dx
        self.y -= dy
        self.xx -= dx * dx
        self.yy -= dy * dy
        self.xy -= dx * dy

    def _mean(self, ring: "deque[float]") -> float:
        total = 0.0
        for item in ring:
            total += item
        return total * (1.0 / self._period) if self._both else total / self._period

    def _begin(self) -> None:
        self._seen = self._period - 1
        self.x = self.y = self.xx = self.yy = self.xy = 0.0
        self._center_x = self._mean(self._ring_x)
        self._center_y = self._mean(self._ring_y)
        for x, y in zip(self._ring_x, self._ring_y, strict=True):
            self._add(x, y)


class Correlation(Saved):
    """Pearson's correlation of two series over the window; 0 where one of them does not move."""

    __slots__ = ("_joint", "_share")

    def __init__(self, period: int) -> None:
        self._joint = Joint(period, both=True)
        self._share = 1.0 / period

    def push(self, first: float, second: float) -> tuple[float]:
        """Take the next bar."""
        joint = self._joint
        if not joint.take(first, second):
            return (nan,)
        found = self._found()
        if joint.drop():
            found = self._found()
            joint.drop_again()
        return (found,)

    def _found(self) -> float:
        joint = self._joint
        both = joint.spread_x * joint.spread_y
        found = (joint.xy - joint.x * joint.y * self._share) / sqrt(both) if both > 0.0 else 0.0
        return max(-1.0, min(1.0, found))


class Beta(Saved):
    """The slope of the first series' relative changes on the second one's; 0 where that does not move."""

    __slots__ = ("_first", "_joint", "_known", "_period", "_second")

    def __init__(self, period: int) -> None:
        self._joint = Joint(period, both=False)
        self._period = period
        self._known = 0
        self._first = self._second = 0.0

    def push(self, first: float, second: float) -> tuple[float]:
        """Take the next bar."""
        market, own = _change(second, self._second), _change(first, self._first)
        self._first, self._second = first, second
        if not self._known:
            self._known = 1
            return (nan,)
        joint = self._joint
        if not joint.take(market, own):
            return (nan,)
        found = self._found()
        if joint.drop():
            found = self._found()
            joint.drop_again()
        return (found,)

    def _found(self) -> float:
        joint, period = self._joint, self._period
        spread = period * joint.xx - joint.x * joint.x
        return (period * joint.xy - joint.x * joint.y) / spread if spread > 0.0 else 0.0


def _change(value: float, before: float) -> float:
    return (value - before) / before if before else 0.0
