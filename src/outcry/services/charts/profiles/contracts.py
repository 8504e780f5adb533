"""What HTTP shows of a volume profile."""

from dataclasses import dataclass

from outcry.kit.market import Timeframe
from outcry.services.charts.contracts import Adjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceVolumes:
    """How much was traded at which price, in rows of equal height from ``edges[0]`` up.

    ``start`` and ``end`` are the times of the first and the last bar that were read, in milliseconds; ``bars`` says how
    many. ``rising`` and ``falling`` are the volumes of each row. Without any volume there are no rows.
    """

    symbol: str
    timeframe: Timeframe
    adjustment: Adjustment
    start: int | None
    end: int | None
    bars: int
    edges: tuple[float, ...]
    rising: tuple[float, ...]
    falling: tuple[float, ...]
    point_of_control: float | None
    value_low: float | None
    value_high: float | None
