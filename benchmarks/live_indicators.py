"""One bar at a time: RSI, MACD and Bollinger bands beside talipp, and ten indicators of 5,000 instruments.

The peer, in the same run over the same closes: talipp (PyPI, MIT), whose ``add`` does what ``push`` does. Install it
with ``pip install talipp``; without it our own figures are printed alone. Beside both stand TA-Lib's own streams, which
are compiled, cannot be saved or restored, and stop at a bar that is undefined. Times are of the processor.
"""

import argparse
import gc
import importlib
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
from talib import stream as compiled

from benchmarks.reporting import print_table
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.streaming.opening import open_stream

LEAST_RATIO = 20.0
MOST_MS = 100.0
INSTRUMENTS = 5_000
WARM_UP = 1_000
TEN = ("sma", "ema", "rsi", "macd", "bbands", "atr", "stoch", "adx", "obv", "cci")

Push = Callable[[float], object]


def walk(count: int, seed: int) -> list[float]:
    """Return closes of a random walk around 100."""
    chance = np.random.default_rng(seed)
    closes: list[float] = (100 * np.exp(np.cumsum(chance.normal(0, 0.001, count)))).tolist()
    return closes


def ours(closes: Sequence[float]) -> list[Push]:
    """Return the three pushes after the warm-up."""
    streams = [open_stream("rsi", {}), open_stream("macd", {}), open_stream("bbands", {})]
    for close in closes:
        for stream in streams:
            stream.push(close)
    return [stream.push for stream in streams]


def talibs(closes: Sequence[float]) -> list[Push]:
    """Return the three of TA-Lib's own streams."""
    history = np.array(closes)
    streams = (
        compiled.RSI(history, timeperiod=14),
        compiled.MACD(history, fastperiod=12, slowperiod=26, signalperiod=9),
        compiled.BBANDS(history, timeperiod=20, nbdevup=2.0, nbdevdn=2.0),
    )
    return [stream.update for stream in streams]


def find_talipp() -> Callable[[Sequence[float]], list[Push]] | None:
    """Return what opens talipp's three, None where it is not installed."""
    try:
        peer = importlib.import_module("talipp.indicators")
    except ImportError:
        return None
    return lambda closes: [peer.RSI(14, closes).add, peer.MACD(12, 26, 9, closes).add, peer.BB(20, 2, closes).add]


def time_bars(pushes: list[Push], closes: Sequence[float]) -> float:
    """Return microseconds a bar through all three."""
    first, second, third = pushes
    begun = time.process_time()
    for close in closes:
        first(close)
        second(close)
        third(close)
    return (time.process_time() - begun) / len(closes) * 1e6


def compare(rounds: int, bars: int) -> bool:
    """Print one bar through the three indicators; return whether it is quick enough beside talipp."""
    makers: dict[str, Callable[[Sequence[float]], list[Push]]] = {"Outcry": ours, "TA-Lib's own streams": talibs}
    talipp = find_talipp()
    if talipp:
        makers["talipp"] = talipp
    seen: dict[str, list[float]] = {name: [] for name in makers}
    closes = walk(WARM_UP + bars, seed=1)
    for _ in range(rounds):
        for name, make in makers.items():
            pushes = make(closes[:WARM_UP])
            gc.collect()
            seen[name].append(time_bars(pushes, closes[WARM_UP:]))
    medians = {name: statistics.median(figures) for name, figures in seen.items()}
    mine = medians["Outcry"]
    rows = [[name, f"{figure:.2f}", f"{figure / mine:.1f}x"] for name, figure in medians.items()]
    print_table(
        f"One bar through rsi, macd and bbands: median of {rounds} alternating rounds of {bars:,} bars",
        ["what", "µs a bar", "beside Outcry"],
        rows,
    )
    if not talipp:
        print("\ntalipp is not installed (pip install talipp): nothing to compare with.")
        return True
    ratio = medians["talipp"] / mine
    print(f"\n{ratio:.1f} times faster than talipp; at least {LEAST_RATIO:g} wanted.")
    return ratio >= LEAST_RATIO


def bar_of(name: str, at: int) -> tuple[float, ...]:
    """Return a bar of the walk for the indicator's inputs."""
    close = 100.0 + at * 0.37 % 5.0
    bar = {"open": close - 0.3, "high": close + 1.0, "low": close - 1.0, "close": close, "volume": 1000.0 + at % 7}
    return tuple(bar[column] for column in CATALOGUE[name].inputs)


def many(bars: int) -> bool:
    """Print a bar of 5,000 instruments with ten indicators each; return whether it is quick enough."""
    each = [[open_stream(name, {}).push for _ in range(INSTRUMENTS)] for name in TEN]
    figures = []
    gc.collect()
    gc.freeze()
    for at in range(60 + bars):
        columns = [bar_of(name, at) for name in TEN]
        begun = time.process_time()
        for pushes, column in zip(each, columns, strict=True):
            for push in pushes:
                push(*column)
        if at >= 60:
            figures.append((time.process_time() - begun) * 1e3)
    median = statistics.median(figures)
    print_table(
        f"A bar of {INSTRUMENTS:,} instruments, ten indicators each ({', '.join(TEN)}): {bars} bars",
        ["ms a bar, median", "worst", "µs an indicator"],
        [[f"{median:.1f}", f"{max(figures):.1f}", f"{median * 1e3 / INSTRUMENTS / len(TEN):.2f}"]],
    )
    print(f"\n{median:.1f} ms a bar; less than {MOST_MS:g} wanted.")
    return median < MOST_MS


def main() -> None:
    """Run both and exit with 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer samples")
    short = parser.parse_args().short
    held = [compare(5 if short else 15, 2_000 if short else 10_000), many(10 if short else 50)]
    if not all(held):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
