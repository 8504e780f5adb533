"""Streams of John F. Ehlers' indicators of the dominant cycle.

J. F. Ehlers, Rocket Science for Traders, 2001 (trend and cycle modes: chapter 11), and MESA Adaptive Moving Averages,
2001.
"""

from collections.abc import Mapping
from math import atan, nan

from outcry.quant.indicators.streaming.cycle import IN_DEGREES, Cycle, Phase, Trend
from outcry.quant.indicators.streaming.rounding import multiply_add
from outcry.quant.indicators.streaming.saving import Saved, Step
from outcry.quant.indicators.streaming.stream import Open, Outputs

# After this many bars the transformers start, and this many pass before the first value, for the two kinds: those
# that look at the cycle alone, and those that look back over it.
_SHORT_START, _SHORT_WARM_UP = 12, 32
_LONG_START, _LONG_WARM_UP = 37, 63


class DominantPeriod(Saved):
    """The period of the dominant cycle, in bars."""

    __slots__ = ("_cycle", "_left")

    def __init__(self) -> None:
        self._cycle = Cycle(_SHORT_START)
        self._left = _SHORT_WARM_UP

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        self._cycle.take(value)
        if self._left:
            self._left -= 1
            return (nan,)
        return (self._cycle.period,)


class Phasor(Saved):
    """The two components of the dominant cycle, in phase and a quarter behind."""

    __slots__ = ("_cycle", "_left")

    def __init__(self) -> None:
        self._cycle = Cycle(_SHORT_START)
        self._left = _SHORT_WARM_UP

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        cycle = self._cycle
        cycle.take(value)
        if self._left:
            self._left -= 1
            return (nan, nan)
        return (cycle.in_phase, cycle.quadrature)


class Mama(Saved):
    """MESA adaptive moving average and the following one: the faster the phase turns, the slower they go."""

    __slots__ = ("_cycle", "_fast", "_following", "_left", "_mean", "_phase", "_slow")

    def __init__(self, fast: float, slow: float) -> None:
        self._cycle = Cycle(_SHORT_START)
        self._left = _SHORT_WARM_UP
        self._fast, self._slow = fast, slow
        self._phase = self._mean = self._following = 0.0

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        cycle = self._cycle
        if cycle.take(value):
            phase = atan(cycle.quadrature / cycle.in_phase) * IN_DEGREES if cycle.in_phase != 0.0 else 0.0
            turned = max(self._phase - phase, 1.0)
            self._phase = phase
            weight = max(self._fast / turned, self._slow) if turned > 1.0 else self._fast
            self._mean = mean = multiply_add(1.0 - weight, self._mean, weight * value)
            weight *= 0.5
            self._following = multiply_add(1.0 - weight, self._following, weight * mean)
        if self._left:
            self._left -= 1
            return (nan, nan)
        return (self._mean, self._following)


class DominantPhase(Saved):
    """The phase of the dominant cycle, in degrees."""

    __slots__ = ("_left", "_phase")

    def __init__(self) -> None:
        self._phase = Phase(_LONG_START)
        self._left = _LONG_WARM_UP

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        self._phase.take(value)
        if self._left:
            self._left -= 1
            return (nan,)
        return (self._phase.degrees,)


class SineWave(Saved):
    """The sine of the dominant cycle's phase and the lead sine: they cross before the cycle turns."""

    __slots__ = ("_left", "_phase")

    def __init__(self) -> None:
        self._phase = Phase(_LONG_START)
        self._left = _LONG_WARM_UP

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        self._phase.take(value)
        if self._left:
            self._left -= 1
            return (nan, nan)
        return self._phase.sines()


class Trendline(Saved):
    """The instantaneous trendline."""

    __slots__ = ("_cycle", "_left", "_trend")

    def __init__(self) -> None:
        self._cycle = Cycle(_LONG_START)
        self._trend = Trend()
        self._left = _LONG_WARM_UP

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        self._trend.remember(value)
        line = self._trend.over(self._cycle.length) if self._cycle.take(value) else nan
        if self._left:
            self._left -= 1
            return (nan,)
        return (line,)


class TrendMode(Saved):
    """Whether the market trends (1) or cycles (0)."""

    __slots__ = ("_days", "_lead", "_left", "_phase", "_sine", "_trend")

    def __init__(self) -> None:
        self._phase = Phase(_LONG_START)
        self._trend = Trend()
        self._left = _LONG_WARM_UP
        self._sine = self._lead = self._days = 0.0

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        self._trend.remember(value)
        before = self._phase.degrees
        trends = self._phase.take(value) and self._trends(before)
        if self._left:
            self._left -= 1
            return (nan,)
        return (float(trends),)

    def _trends(self, before: float) -> bool:
        cycle = self._phase.cycle
        line = self._trend.over(cycle.length)
        sine, lead = self._phase.sines()
        crossed = (sine > lead and self._sine <= self._lead) or (sine < lead and self._sine >= self._lead)
        self._sine, self._lead = sine, lead
        self._days = 1.0 if crossed else self._days + 1.0
        # Far from the trendline the market trends, whatever the phase does.
        if line != 0.0 and abs((cycle.smooth - line) / line) >= 0.015:
            return True
        # A cycle crosses every half period, and its phase goes on by about one part in a period each bar.
        turned = self._phase.degrees - before
        regular = 0.67 * 360.0 / cycle.period < turned < 1.5 * 360.0 / cycle.period
        return not (crossed or self._days < 0.5 * cycle.period or regular)


def mama_step(fast: float, slow: float) -> Step:
    """Return the adaptive average alone, as a moving average among others."""
    average = Mama(fast, slow)

    def step(value: float) -> float:
        return average.push(value)[0]

    return step


STREAMS: Mapping[str, Open] = {
    "ht_dcperiod": lambda _: DominantPeriod(),
    "ht_dcphase": lambda _: DominantPhase(),
    "ht_phasor": lambda _: Phasor(),
    "ht_sine": lambda _: SineWave(),
    "ht_trendline": lambda _: Trendline(),
    "ht_trendmode": lambda _: TrendMode(),
    "mama": lambda settings: Mama(settings["fast_limit"], settings["slow_limit"]),
}
