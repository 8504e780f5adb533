"""What the language costs: its example over a million bars beside the same written by hand, and one bar at a time.

By hand means NumPy and TA-Lib, with the answer as a Boolean array. Run: ``.venv/bin/python -m benchmarks.formula
[--short]``. Runs alternate; the figures are medians of processor time.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import talib
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from outcry.kit.market import Bars, Floats
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.evaluating import History, evaluate
from outcry.quant.formula.evaluator import Bar, Evaluator
from outcry.quant.formula.program import OWN

EXAMPLE = "rsi(14) crosses_above 30 and close > sma(200) and volume > 2 * sma(volume, 20)"
BARS, PUSHED, RUNS = 1_000_000, 100_000, 9


def make_bars(count: int) -> Bars:
    """Return a random walk of one-minute bars."""
    random = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.002, count)))
    return Bars(
        time=np.arange(count, dtype=np.int64) * 60_000_000,
        open=close,
        high=close * 1.001,
        low=close * 0.999,
        close=close,
        volume=random.integers(1, 1000, count).astype(np.float64),
        adjusted_close=close,
    )


def by_hand(close: Floats, volume: Floats) -> NDArray[np.bool_]:
    """Compute the example without the language."""
    strength = talib.RSI(close, 14)
    crossed = np.zeros(len(close), bool)
    crossed[1:] = (strength[1:] > 30) & (strength[:-1] <= 30)
    found: NDArray[np.bool_] = crossed & (close > talib.SMA(close, 200)) & (volume > 2 * talib.SMA(volume, 20))
    return found


def processor_time(work: Callable[[], object]) -> float:
    """Return how many seconds of processor time something takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def push_time(bars: list[Bar], text: str) -> float:
    """Return how many seconds a bar takes."""
    evaluator = Evaluator(analyse(text))

    def push() -> None:
        for bar in bars:
            evaluator.push(bar)

    return processor_time(push) / len(bars)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of the bars and three runs")
    short = parser.parse_args().short
    count, runs = (BARS // 10, 3) if short else (BARS, RUNS)
    bars, formula = make_bars(count), analyse(EXAMPLE)
    data = {OWN: History(bars=bars)}
    assert ((evaluate(formula, data) > 0) == by_hand(bars.close, bars.volume)).all()
    ours, hand = [], []
    for _ in range(runs):
        ours.append(processor_time(lambda: evaluate(formula, data)))
        hand.append(processor_time(lambda: by_hand(bars.close, bars.volume)))
    newest = bars.tail(min(count, PUSHED))
    columns = (newest.open, newest.high, newest.low, newest.close, newest.volume)
    rows = [Bar(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    pushed = statistics.median(push_time(rows, EXAMPLE) for _ in range(runs))
    checked = statistics.median(processor_time(lambda: analyse(EXAMPLE)) for _ in range(10 * runs))
    array, by = statistics.median(ours), statistics.median(hand)
    table = Table(title=f"{EXAMPLE}\n{count:,} bars, medians of {runs} alternating runs, processor time")
    for heading in ("", "Outcry", "by hand", "ratio"):
        table.add_column(heading, justify="left" if not heading else "right")
    table.add_row("whole arrays", f"{1000 * array:.1f} ms", f"{1000 * by:.1f} ms", f"{array / by:.2f}")
    table.add_row("one bar at a time", f"{1e6 * pushed:.2f} µs", "", "")
    table.add_row("reading the text", f"{1000 * checked:.2f} ms", "", "")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
