"""How long the bars of a file are, told from the time between them."""

from datetime import timedelta

import numpy as np

from outcry.kit.market import Micros, Timeframe
from outcry.services.charts.importing.calendars import DAY, SECOND
from outcry.services.charts.importing.report import UnusableFileError

_MICROSECOND = timedelta(microseconds=1)
_INTRADAY = {one.duration // _MICROSECOND: one for one in Timeframe if one.is_intraday}
_ENOUGH = 100_000
_NEARLY_A_DAY = 20 * 3600 * SECOND


def find_timeframe(times: Micros, given: Timeframe | None) -> Timeframe:
    """Return the timeframe of bars at these times, in any order; raises UnusableFileError when it is none we know.

    The commonest step between neighbours counts, so nights, weekends and gaps do not disturb.
    """
    step = _step(times)
    if given is not None:
        length = given.duration // _MICROSECOND
        if step is not None and step < 0.9 * length and not (given is Timeframe.MN1 and step >= 28 * DAY):
            raise UnusableFileError(
                f"Its bars are {_words(step)} apart, which is less than --timeframe {given.value}.",
                field="timeframe",
            )
        return given
    if step is None:
        if len(times) and not (times % DAY).any():
            return Timeframe.D1
        raise UnusableFileError("One bar does not tell how long it is; say so with --timeframe.", field="timeframe")
    found = _match(step)
    if found is None:
        known = ", ".join(Timeframe)
        raise UnusableFileError(
            f"Its bars are {_words(step)} apart, which is none of {known}; say what they are with --timeframe.",
            field="timeframe",
        )
    return found


def _step(times: Micros) -> int | None:
    steps = np.diff(times)
    if (steps < 0).any():
        steps = np.diff(np.sort(times))
    steps = steps[steps > 0][:_ENOUGH]
    if not len(steps):
        return None
    values, counts = np.unique(steps, return_counts=True)
    return int(values[np.argmax(counts)])


def _match(step: int) -> Timeframe | None:
    if step < _NEARLY_A_DAY:
        return _INTRADAY.get(step)
    days = round(step / DAY)
    # Fridays and Mondays alone would be three and four days apart; only daily files step by one to five.
    if days <= 5:
        return Timeframe.D1
    if 6 <= days <= 8:
        return Timeframe.W1
    return Timeframe.MN1 if 27 <= days <= 32 else None


def _words(step: int) -> str:
    for length, word in ((DAY, "day"), (3600 * SECOND, "hour"), (60 * SECOND, "minute"), (SECOND, "second")):
        if step >= length:
            count = step / length
            return f"{count:g} {word}{'' if count == 1 else 's'}"
    return "less than a second"
