"""The dominant cycle of a series, measured with a Hilbert transformer: the parts of which its indicators are built.

J. F. Ehlers, Rocket Science for Traders, 2001: the homodyne discriminator (chapter 7), the phase and the sine wave
(chapter 9), the instantaneous trendline (chapter 10). Everything begins from zeros a fixed number of bars after the
first, and each sum of products is rounded as TA-Lib's is, so that even what rounding leaves over on a flat series
agrees.
"""

import math
from collections import deque
from functools import cache
from math import atan, cos, nan, sin

from outcry.quant.indicators.streaming.rounding import multiply_add
from outcry.quant.indicators.streaming.saving import Saved

IN_DEGREES = 180.0 / math.pi
_IN_RADIANS = math.pi / 180.0
_LONGEST = 50


class Smoother(Saved):
    """The mean of the last four prices with the weights 4, 3, 2, 1, moved on by two running sums."""

    __slots__ = ("_plain", "_ring", "_weight", "_weighted")

    def __init__(self) -> None:
        self._plain = self._weighted = 0.0
        self._weight = 1.0
        self._ring = deque([0.0] * 4, 4)

    def step(self, value: float) -> float:
        """Take the next price; return the mean, NaN before the fourth."""
        oldest = self._ring[0]
        self._ring.append(value)
        if self._weight < 4.0:
            self._plain += value
            self._weighted += value * self._weight
            self._weight += 1.0
            return nan
        self._plain = plain = self._plain + value - oldest
        weighted = self._weighted + value * 4.0
        self._weighted = weighted - plain
        return weighted * 0.1


class Transformer(Saved):
    """A Hilbert transformer of seven taps: it turns the phase of a cycle by a quarter."""

    __slots__ = ("_ring",)

    def __init__(self) -> None:
        self._ring = deque([0.0] * 6, 6)

    def turn(self, value: float, gain: float) -> float:
        """Take the next value; ``gain`` makes up for the period's effect on the amplitude."""
        ring = self._ring
        turned = (0.0962 * value - 0.0962 * ring[0] - 0.5769 * ring[2] + 0.5769 * ring[4]) * gain
        ring.append(value)
        return turned


class Cycle(Saved):
    """The dominant cycle of a series by homodyne discrimination: its two components and its period."""

    __slots__ = (
        "_detrended",
        "_detrender",
        "_im",
        "_in_phase",
        "_in_phase_turner",
        "_left",
        "_period",
        "_quadrature",
        "_quadrature_turner",
        "_re",
        "_smoother",
        "_turner",
        "in_phase",
        "period",
        "quadrature",
        "smooth",
    )

    def __init__(self, start: int) -> None:
        """``start``: how many bars pass before the transformers see the first."""
        self._left = start
        self._smoother = Smoother()
        self._detrender, self._turner = Transformer(), Transformer()
        self._in_phase_turner, self._quadrature_turner = Transformer(), Transformer()
        self._detrended = deque([0.0] * 3, 3)
        self._in_phase = self._quadrature = self._re = self._im = self._period = 0.0
        self.in_phase = self.quadrature = self.smooth = self.period = 0.0

    @property
    def length(self) -> int:
        """The period in whole bars, 0 to 50; 0 when the prices are too large to be multiplied."""
        period = self.period
        return int(period + 0.5) if period - period == 0.0 else 0

    def take(self, value: float) -> bool:
        """Take the next value; return whether the cycle has begun to be measured."""
        smooth = self._smoother.step(value)
        if self._left:
            self._left -= 1
            return False
        gain = multiply_add(0.075, self._period, 0.54)
        self.smooth = smooth
        detrended = self._detrender.turn(smooth, gain)
        self.quadrature = quadrature = self._turner.turn(detrended, gain)
        # The detrended price of three bars ago is in step with the transformed one of now.
        self.in_phase = in_phase = self._detrended[0]
        self._detrended.append(detrended)
        advanced = self._in_phase_turner.turn(in_phase, gain)
        delayed = self._quadrature_turner.turn(quadrature, gain)
        self._discriminate(
            multiply_add(0.2, in_phase - delayed, 0.8 * self._in_phase),
            multiply_add(0.2, quadrature + advanced, 0.8 * self._quadrature),
        )
        return True

    def _discriminate(self, in_phase: float, quadrature: float) -> None:
        """The phasor times itself of a bar ago turns by the angle of a bar: the period is 360 degrees over it."""
        along = multiply_add(in_phase, self._in_phase, quadrature * self._quadrature)
        across = in_phase * self._quadrature - quadrature * self._in_phase
        self._re = re = multiply_add(0.8, self._re, 0.2 * along)
        self._im = im = multiply_add(0.8, self._im, 0.2 * across)
        self._in_phase, self._quadrature = in_phase, quadrature
        before = self._period
        period = 360.0 / (atan(im / re) * IN_DEGREES) if re != 0.0 and im != 0.0 else before
        period = min(max(min(period, 1.5 * before), 0.67 * before), float(_LONGEST))
        self._period = period = multiply_add(0.2, max(period, 6.0), 0.8 * before)
        self.period = multiply_add(0.67, self.period, 0.33 * period)


class Phase(Saved):
    """Where in the dominant cycle the price stands, in degrees from -45 to 315."""

    __slots__ = ("_smooths", "cycle", "degrees")

    def __init__(self, start: int) -> None:
        self.cycle = Cycle(start)
        self._smooths = deque([0.0] * _LONGEST, _LONGEST)
        self.degrees = 0.0

    def take(self, value: float) -> bool:
        """Take the next value; return whether there is a phase yet."""
        cycle = self.cycle
        if not cycle.take(value):
            return False
        self._smooths.append(cycle.smooth)
        real, imaginary = self._correlate(cycle.length)
        degrees = self.degrees
        if imaginary != 0.0:
            degrees = atan(real / imaginary) * IN_DEGREES
        elif real != 0.0:
            degrees += math.copysign(90.0, real)
        degrees += 90.0
        # The smoother lags by one bar.
        degrees += 360.0 / cycle.period
        if imaginary < 0.0:
            degrees += 180.0
        self.degrees = degrees - 360.0 if degrees > 315.0 else degrees
        return True

    def _correlate(self, length: int) -> tuple[float, float]:
        """How the smooth prices of one cycle, the newest first, go with a sine and a cosine of its length."""
        real = imaginary = 0.0
        # The cycle may be shorter than the smooth prices: the waves end first.
        for (sine, cosine), smooth in zip(_waves(length), reversed(self._smooths), strict=False):
            real += sine * smooth
            imaginary += cosine * smooth
        return real, imaginary

    def sines(self) -> tuple[float, float]:
        """Return the sine of the phase, and of the phase 45 degrees on."""
        return sin(self.degrees * _IN_RADIANS), sin((self.degrees + 45.0) * _IN_RADIANS)


@cache
def _waves(length: int) -> tuple[tuple[float, float], ...]:
    """The sine and the cosine of each bar of a cycle; there are cycles of 0 to 50 bars."""
    angles = [back * (math.pi * 2.0) / length for back in range(length)]
    return tuple((sin(angle), cos(angle)) for angle in angles)


class Trend(Saved):
    """The price without its dominant cycle: the mean over one cycle, smoothed with the weights 4, 3, 2, 1."""

    __slots__ = ("_means", "_prices")

    def __init__(self) -> None:
        self._prices = deque([0.0] * _LONGEST, _LONGEST)
        self._means = deque([0.0] * 3, 3)

    def remember(self, value: float) -> None:
        """Take the next price."""
        self._prices.append(value)

    def over(self, length: int) -> float:
        """Return the trend at the newest price, for a cycle of so many bars."""
        prices = self._prices
        mean = 0.0
        for back in range(1, length + 1):
            mean += prices[-back]
        if length:
            mean /= length
        means = self._means
        line = (4.0 * mean + 3.0 * means[2] + 2.0 * means[1] + means[0]) / 10.0
        means.append(mean)
        return line
