"""The volume profile: how much was traded at which price. It aligns with prices, not with bars."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.undefined import find_defined

MOST_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VolumeProfile:
    """Volume by price, in rows of equal height from the lowest price up.

    ``edges`` has one price more than there are rows. ``rising`` and ``falling`` are the volumes of bars that closed at
    or above their open, and below it. ``point_of_control`` is the middle of the row with most volume; the value area,
    from ``value_low`` to ``value_high``, is the rows around it that hold the wanted part of the whole.
    """

    edges: Floats
    rising: Floats
    falling: Floats
    point_of_control: float
    value_low: float
    value_high: float

    @property
    def volume(self) -> Floats:
        """The volume of each row."""
        return self.rising + self.falling


def volume_profile(bars: Bars, *, rows: int = 24, value_share: float = 0.7) -> VolumeProfile | None:
    """Return the profile of the bars, each bar's volume spread evenly from its low to its high.

    Bars with an undefined price or volume count for nothing; None when no volume is left. The value area grows from the
    point of control by the neighbouring row that has more, the upper one where both have as much (after J. Peter
    Steidlmayer's Market Profile, 1980s).

    Raises:
        InvalidInputError: rows or the share out of range.
    """
    if not 1 <= rows <= MOST_ROWS:
        raise _wrong("rows", f"must be from 1 to {MOST_ROWS}.")
    if not 0 < value_share <= 1:
        raise _wrong("value_share", "must be over 0 and at most 1.")
    opened, high, low, close, volume = _seen(bars)
    if not len(volume):
        return None
    edges = _edges(float(low.min()), float(high.max()), rows)
    rising, falling = _spread(low, high, volume, close < opened, edges)
    first, last = _value_area(rising + falling, value_share)
    top = int(np.argmax(rising + falling))
    return VolumeProfile(
        edges=edges,
        rising=rising,
        falling=falling,
        point_of_control=float(edges[top] + edges[top + 1]) / 2,
        value_low=float(edges[first]),
        value_high=float(edges[last + 1]),
    )


def _seen(bars: Bars) -> tuple[Floats, ...]:
    """Return open, high, low, close and volume of the bars that count."""
    columns: tuple[Floats, ...] = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    defined = find_defined(columns)
    if defined is not None:
        columns = tuple(column[defined.at] for column in columns)
    traded = columns[4] > 0
    return columns if traded.all() else tuple(column[traded] for column in columns)


def _wrong(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {message}", errors=({"field": field, "message": message},))


def _edges(lowest: float, highest: float, rows: int) -> Floats:
    # Prices that never moved still need rows with a height.
    reach = highest - lowest or abs(highest) * 1e-6 or 1e-6
    return np.asarray(lowest + reach * np.arange(rows + 1) / rows)


def _spread(
    low: Floats, high: Floats, volume: Floats, falls: NDArray[np.bool_], edges: Floats
) -> tuple[Floats, Floats]:
    """Return the volume of each row from bars that rise and from those that fall.

    The whole of a bar that lies within one row goes there, of any other a share by the overlap.
    """
    rows = len(edges) - 1
    first, last = _row_of(low, edges), _row_of(high, edges)
    # Rows of falling bars are counted after those of rising ones, so that one pass serves both.
    block = falls * (rows + 1)
    total = np.bincount(first + block, np.where(first == last, volume, 0.0), 2 * (rows + 1))
    across = np.flatnonzero(first != last)
    first, last, block = first[across], last[across], block[across]
    low, high = low[across], high[across]
    density = volume[across] / (high - low)
    total += np.bincount(first + block, density * (edges[first + 1] - low), 2 * (rows + 1))
    total += np.bincount(last + block, density * (high - edges[last]), 2 * (rows + 1))
    # Rows that a bar crosses whole: its density begins with one row and ends with another.
    begins = np.bincount(first + 1 + block, density, 2 * (rows + 1))
    begins -= np.bincount(last + block, density, 2 * (rows + 1))
    height = edges[1] - edges[0]
    rising, falling = (
        np.maximum(each[:rows] + np.maximum(np.cumsum(begun)[:rows], 0.0) * height, 0.0)
        for each, begun in zip(np.split(total, 2), np.split(begins, 2), strict=True)
    )
    return rising, falling


def _row_of(prices: Floats, edges: Floats) -> NDArray[np.intp]:
    rows = len(edges) - 1
    places: NDArray[np.intp] = ((prices - edges[0]) * (rows / (edges[-1] - edges[0]))).astype(np.intp)
    np.minimum(places, rows - 1, out=places)
    return places


def _value_area(volume: Floats, share: float) -> tuple[int, int]:
    wanted = share * float(volume.sum())
    first = last = int(np.argmax(volume))
    held = float(volume[first])
    while held < wanted and (first > 0 or last < len(volume) - 1):
        above = volume[last + 1] if last < len(volume) - 1 else -1.0
        below = volume[first - 1] if first > 0 else -1.0
        if above >= below:
            last += 1
        else:
            first -= 1
        held += float(max(above, below))
    return first, last
