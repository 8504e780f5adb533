"""Renko: bricks of one size, drawn only when the price has moved by it. They align with prices, not with bars."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Bars, Floats, Micros

MOST_BRICKS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Renko:
    """Bricks, oldest first, as columns of equal length.

    ``bar`` is the position of the bar whose close completed the brick and ``time`` that bar's open time, in
    microseconds since 1970 UTC: a bar may complete several. A brick rises where ``close`` is above ``open``; both lie
    ``size`` apart.
    """

    size: float
    bar: NDArray[np.int64]
    time: Micros
    open: Floats
    close: Floats

    def __len__(self) -> int:
        return len(self.bar)


def renko(bars: Bars, *, size: float, origin: float | None = None) -> Renko:
    """Return the bricks that the closes draw, from the first close on, each ``size`` in the currency of the prices.

    A brick in the direction of the last one needs a move of one size from its end, a brick against it one of two sizes.
    Bars with an undefined close draw nothing. ``origin`` is the price that the first brick begins at, near the first
    close, which it is unless said.

    Raises:
        InvalidInputError: a size that is not over 0, or so small that more than 100,000 bricks would be drawn.
    """
    if not (np.isfinite(size) and size > 0):
        raise _wrong("must be a number over 0.")
    seen = np.flatnonzero(np.isfinite(bars.close))
    closes = bars.close[seen]
    if origin is None:
        origin = float(closes[0]) if len(closes) else 0.0
    # A close that reaches a brick's end but for the rounding of its decimals has reached it.
    steps = np.clip((closes - origin) / size, -1e15, 1e15)
    bar, opened, close = _bricks(np.floor(steps + 1e-9).tolist(), np.ceil(steps - 1e-9).tolist())
    at = seen[np.array(bar, dtype=np.int64)]
    return Renko(
        size=size,
        bar=at,
        time=bars.time[at],
        open=origin + size * np.array(opened, dtype=np.float64),
        close=origin + size * np.array(close, dtype=np.float64),
    )


def _bricks(reached: list[float], sunk: list[float]) -> tuple[list[int], list[int], list[int]]:
    """Return (bar, open, close) of each brick in whole sizes from the first close.

    ``reached`` is for each bar the last brick's end at or under its close, ``sunk`` the one at or over it.
    """
    found: tuple[list[int], list[int], list[int]] = ([], [], [])
    # The next brick rises from `top`, or falls from `bottom`; they are apart by the last brick.
    top = bottom = 0
    for at, (over, under) in enumerate(zip(reached, sunk, strict=True)):
        if over > top:
            ends, step = range(top + 1, int(over) + 1), 1
            top, bottom = int(over), int(over) - 1
        elif under < bottom:
            ends, step = range(bottom - 1, int(under) - 1, -1), -1
            top, bottom = int(under) + 1, int(under)
        else:
            continue
        if len(found[0]) + len(ends) > MOST_BRICKS:
            raise _wrong(f"is so small that more than {MOST_BRICKS:,} bricks would be drawn.")
        found[0].extend([at] * len(ends))
        found[1].extend(end - step for end in ends)
        found[2].extend(ends)
    return found


def _wrong(message: str) -> InvalidInputError:
    return InvalidInputError(f"size: {message}", errors=({"field": "size", "message": message},))
