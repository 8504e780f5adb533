"""The TimeSeries port: bars by tenant, symbol and timeframe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from outcry.kit.market import Bars, Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Bars to write: of one symbol and timeframe, times strictly increasing."""

    symbol: str
    timeframe: Timeframe
    bars: Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is stored of one series. ``version`` is another one whenever the series was written, within one process."""

    symbol: str
    timeframe: Timeframe
    first: datetime
    last: datetime
    count: int
    version: int = 0


class TimeSeries(Protocol):
    """Stores bars. A bar is known by (tenant, symbol, timeframe, time); writing it again replaces it."""

    async def write(self, tenant_id: UUID, batches: Sequence[Batch]) -> int:
        """Write all batches or, when it raises, none of them. Returns how many bars were new or different."""
        ...

    async def read(
        self,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int,
    ) -> Bars:
        """Return the newest ``limit`` stored bars with start <= time < end, oldest first."""
        ...

    async def aggregate(
        self,
        tenant_id: UUID,
        symbol: str,
        source: Timeframe,
        target: Timeframe,
        *,
        zone: str,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int,
    ) -> Bars:
        """Return the newest ``limit`` bars of ``target`` built of stored ``source`` bars, oldest first.

        Minutes and hours are cut at multiples of their length since midnight UTC. Days are sessions in ``zone``
        (an IANA name) for an intraday source, stamped with midnight UTC of the session's date; weeks start on
        Monday, months on the 1st. First open, highest high, lowest low, last close, summed volume; start and end
        select by the built bar's time, and a built bar always holds all of its stored source bars.
        """
        ...

    async def coverage(self, tenant_id: UUID, symbols: Sequence[str] | None = None) -> Sequence[Coverage]:
        """Return what is stored, for these symbols or for all, ordered by symbol and length of bar."""
        ...

    async def delete(self, tenant_id: UUID, symbol: str) -> int:
        """Remove every bar of a symbol; returns how many there were."""
        ...

    async def close(self) -> None:
        """Write out what is pending and release the store."""
        ...
