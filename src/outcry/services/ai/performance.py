"""How a price did over a window: change, extremes, drawdown and volatility. Arrays in, plain numbers out."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from outcry.kit.market import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Daily bars as columns of equal length, oldest first. ``adjusted`` is NaN where unknown."""

    days: tuple[date, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    adjusted: Floats

    def __len__(self) -> int:
        return len(self.days)

    def cut(self, first: int, last: int) -> "Sessions":
        """Return the sessions at positions ``first`` up to, not including, ``last``."""
        part = slice(first, last)
        return Sessions(
            days=self.days[part],
            open=self.open[part],
            high=self.high[part],
            low=self.low[part],
            close=self.close[part],
            volume=self.volume[part],
            adjusted=self.adjusted[part],
        )


def change_percent(first: float, last: float) -> float:
    """Return by how many percent ``last`` lies above ``first``."""
    return (last / first - 1) * 100


def max_drawdown_percent(close: Floats) -> float:
    """Return the deepest fall from an earlier highest close, in percent: 0 or negative."""
    return float(np.min(close / np.maximum.accumulate(close) - 1) * 100)


def sessions_a_year(days: tuple[date, ...]) -> int:
    """Return 365 for what trades on weekends, else 252."""
    return 365 if any(day.weekday() >= 5 for day in days) else 252


def volatility_percent(close: Floats, *, a_year: int) -> float | None:
    """Return the annualised standard deviation (n-1) of daily log returns in percent; None below 3 closes."""
    if len(close) < 3 or bool(np.any(close <= 0)):
        return None
    returns = np.diff(np.log(close))
    return float(np.std(returns, ddof=1) * np.sqrt(a_year) * 100)


def total_return_percent(adjusted: Floats) -> float | None:
    """Return the change of the adjusted close (dividends reinvested) in percent; None where it is not known."""
    first, last = float(adjusted[0]), float(adjusted[-1])
    if np.isnan(first) or np.isnan(last) or first <= 0:
        return None
    return change_percent(first, last)
