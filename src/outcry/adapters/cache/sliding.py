"""A window that slides over uses, in steps: exact to a 128th of its length, whatever happens in it."""

from collections import deque
from datetime import datetime, timedelta

from outcry.kit.market import to_micros
from outcry.ports.cache import STEPS, Taken

_MICROSECOND = timedelta(microseconds=1)


def step_of(window: timedelta) -> int:
    """Return the length of a step in microseconds."""
    return max(1, -(-(window // _MICROSECOND) // STEPS))


class SlidingWindow:
    """How many uses each step saw. A step leaves when its end is a whole window ago, so none leaves early."""

    def __init__(self, length: timedelta) -> None:
        self.length = length
        self._step = step_of(length)
        self._steps: deque[list[int]] = deque()
        self._used = 0

    @property
    def longest(self) -> timedelta:
        """For how long a use may stay."""
        return timedelta(microseconds=self._step * (STEPS + 1))

    def take(self, now: datetime, most: int) -> Taken:
        """Count a use at ``now`` unless there are ``most``."""
        micros = to_micros(now)
        step = micros // self._step
        while self._steps and self._steps[0][0] < step - STEPS:
            self._used -= self._steps.popleft()[1]
        admitted = self._used < most
        if admitted:
            self._count(step)
        frees_at = (self._steps[0][0] + STEPS + 1) * self._step if self._steps else micros
        return Taken(admitted, self._used, timedelta(microseconds=frees_at - micros))

    def _count(self, step: int) -> None:
        if self._steps and self._steps[-1][0] >= step:
            self._steps[-1][1] += 1
        else:
            self._steps.append([step, 1])
        self._used += 1
