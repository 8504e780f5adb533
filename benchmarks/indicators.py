"""Every indicator of TA-Lib through the catalogue beside TA-Lib's own call, and ours beside pandas-ta-classic and ta.

The bare call's integers are turned into floats, as everybody needs them who wants undefined values. The columns cannot
be written to, so they are looked through for undefined values once and not for each indicator; what one look costs is
told. Times are of the processor and not of the clock, medians of runs that alternate; an indicator over the limit is
measured again with more runs. Run ``python -m benchmarks.indicators [--short] [--peers FOLDER]``. The peers are no
dependencies: ``pip install --target FOLDER pandas-ta-classic ta``; without them the second table is left out.
"""

import argparse
import importlib
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import talib

from benchmarks.reporting import print_table
from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.computing import complete, compute
from outcry.quant.indicators.definition import Indicator
from outcry.quant.indicators.profiles import volume_profile
from outcry.quant.indicators.undefined import is_defined
from tests.quant.indicators.bare import bare_function
from tests.quant.indicators.made_bars import make_bars

BARS = 1_000_000
RUNS = 5
MORE_RUNS = 101
MOST_RATIO = 1.05
LEAST_SPEED_UP = 10.0
MINUTE = 60_000_000

Work = Callable[[], object]


def make_market(count: int) -> tuple[Bars, Floats]:
    """Return one-minute bars and another instrument's closes that nobody can write to."""
    bars = make_bars(count, tick=0.01)
    bars = replace(bars, time=np.arange(count, dtype=np.int64) * MINUTE + 1_600_000_000_000_000)
    other = make_bars(count, seed=8).close
    for column in (*(getattr(bars, name) for name in bars.__slots__), other):
        column.setflags(write=False)
    return bars, other


def medians(first: Work, second: Work, runs: int) -> tuple[float, float, float]:
    """Return the milliseconds of the processor that each takes, and the median of their ratios run by run.

    Which goes first alternates, and each run follows one of the same that does not count, so that neither pays for the
    memory that the other left behind. Neighbouring runs see the same machine, whatever else works on it.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(runs):
        for which in (0, 1) if run % 2 else (1, 0):
            (first, second)[which]()
            begun = time.thread_time()
            (first, second)[which]()
            times[which].append(1000 * (time.thread_time() - begun))
    ratios = [one / max(two, 1e-6) for one, two in zip(*times, strict=True)]
    return statistics.median(times[0]), statistics.median(times[1]), statistics.median(ratios)


def bare_call(indicator: Indicator, bars: Bars, other: Floats) -> Work:
    """Return TA-Lib's own call with the defaults, its arguments made before."""
    columns = [other if name == "other" else getattr(bars, name) for name in indicator.inputs]
    if indicator.name == "beta":
        columns.reverse()
    function = getattr(talib, indicator.function)
    arguments = list(bare_function(indicator, complete(indicator, {})).parameters.values())

    def call() -> object:
        results = function(*columns, *arguments)
        together = results if isinstance(results, tuple) else (results,)
        return [one if one.dtype == np.float64 else one.astype(np.float64) for one in together]

    return call


def beside_talib(bars: Bars, other: Floats, runs: int, more: int) -> list[tuple[str, float, float, float]]:
    """Return (name, ours, TA-Lib's, ratio) in milliseconds for each of its indicators, the highest ratio first."""
    found = []
    for name, indicator in CATALOGUE.items():
        if not indicator.function:
            continue
        bare = bare_call(indicator, bars, other)

        def ours(name: str = name) -> object:
            return compute(name, bars, {}, other=other)

        times = medians(ours, bare, runs)
        if times[2] > MOST_RATIO:
            times = medians(ours, bare, more)
        found.append((name, *times))
    return sorted(found, key=lambda row: -row[3])


def find_peer(name: str) -> Any:
    """Return a peer's module, None where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError:
        return None


def peers_of(bars: Bars) -> dict[str, list[tuple[str, Work]]]:
    """Return what the peers that are installed have of the same, by our name."""
    pandas_ta, ta, pandas = (find_peer(name) for name in ("pandas_ta_classic", "ta", "pandas"))
    if pandas is None or (pandas_ta is None and ta is None):
        return {}
    times = pandas.DatetimeIndex(bars.time.astype("datetime64[us]"))
    o, h, low, c, v = (
        pandas.Series(getattr(bars, name).copy(), index=times) for name in ("open", "high", "low", "close", "volume")
    )
    found: dict[str, list[tuple[str, Work]]] = {}
    if pandas_ta is not None:
        calls: dict[str, Work] = {
            "vwap": lambda: pandas_ta.vwap(h, low, c, v, anchor="D"),
            "ichimoku": lambda: pandas_ta.ichimoku(h, low, c, include_chikou=False),
            "supertrend": lambda: pandas_ta.supertrend(h, low, c, 10, 3.0),
            "donchian": lambda: pandas_ta.donchian(h, low, 20, 20),
            "keltner": lambda: pandas_ta.kc(h, low, c, 20, 2.0),
            "heikin_ashi": lambda: pandas_ta.ha(o, h, low, c),
            "volume profile": lambda: pandas_ta.vp(c, v, 24, sort_close=True),
        }
        for name, call in calls.items():
            found.setdefault(name, []).append(("pandas-ta-classic", call))
    if ta is not None:
        calls = {
            "ichimoku": lambda: _all_of(ta.trend.IchimokuIndicator(h, low), "ichimoku_a", "ichimoku_b"),
            "donchian": lambda: _all_of(
                ta.volatility.DonchianChannel(h, low, c), "donchian_channel_hband", "donchian_channel_lband"
            ),
            "keltner": lambda: _all_of(
                ta.volatility.KeltnerChannel(h, low, c, original_version=False),
                "keltner_channel_hband",
                "keltner_channel_lband",
            ),
        }
        for name, call in calls.items():
            found.setdefault(name, []).append(("ta", call))
    return found


def _all_of(made: Any, *methods: str) -> list[object]:
    return [getattr(made, method)() for method in methods]


def beside_peers(bars: Bars, runs: int) -> list[tuple[str, str, float, float]]:
    """Return (name, peer, ours, theirs) in milliseconds."""
    found = []
    for name, calls in peers_of(bars).items():

        def ours(name: str = name) -> object:
            return volume_profile(bars) if name == "volume profile" else compute(name, bars, {})

        for peer, call in calls:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mine, theirs, _ = medians(ours, call, runs)
            found.append((name, peer, mine, theirs))
    return found


def alone(bars: Bars, other: Floats, runs: int) -> list[list[str]]:
    """Return what the others of ours take, that no peer has."""
    rows = []
    for name in ("anchored_vwap", "pivot_points", "zigzag", "levels", "relative_strength"):
        took, *_ = medians(partial(compute, name, bars, {}, other=other), int, runs)
        rows.append([name, f"{took:.1f} ms"])
    return rows


def look(bars: Bars, runs: int) -> float:
    """Return the milliseconds that it takes to look through a column for undefined values."""
    column = bars.close.copy()
    return medians(lambda: is_defined(column), int, runs)[0]


def main(*, short: bool) -> None:
    """Measure and print; fail where a limit is missed."""
    count, runs, more = (BARS // 10, 3, 11) if short else (BARS, RUNS, MORE_RUNS)
    bars, other = make_market(count)
    rows = beside_talib(bars, other, runs, more)
    ratios = [ratio for *_, ratio in rows]
    shown = [[name, f"{mine:.2f}", f"{theirs:.2f}", f"{ratio:.3f}"] for name, mine, theirs, ratio in rows[:12]]
    total = sum(mine for _, mine, *_ in rows), sum(theirs for *_, theirs, _ in rows)
    shown.append([f"all {len(rows)}", f"{total[0]:.0f}", f"{total[1]:.0f}", f"median {statistics.median(ratios):.3f}"])
    print_table(
        f"{count:,} bars, the dozen furthest from TA-Lib; ms of the processor", ["", "Outcry", "TA-Lib", "ratio"], shown
    )
    print(f"\nLooking through one column for undefined values: {look(bars, more):.2f} ms.")
    compared = beside_peers(bars, runs)
    if compared:
        print_table(
            f"{count:,} bars; ms of the processor",
            ["", "peer", "Outcry", "peer", "times faster"],
            [
                [name, peer, f"{mine:.1f}", f"{theirs:.1f}", f"{theirs / mine:.1f}"]
                for name, peer, mine, theirs in compared
            ],
        )
    else:
        print("\nNo peer is installed: pip install --target FOLDER pandas-ta-classic ta, then --peers FOLDER.")
    print_table("What no peer has", ["", "Outcry"], alone(bars, other, runs))
    missed = [f"{name} {ratio:.3f}" for name, *_, ratio in rows if ratio > MOST_RATIO]
    slow = [
        f"{name}: {theirs / mine:.1f} times {peer}"
        for name, peer, mine, theirs in compared
        if theirs < LEAST_SPEED_UP * mine
    ]
    if (missed or slow) and not short:
        raise SystemExit(f"over {MOST_RATIO} of TA-Lib: {missed}; under {LEAST_SPEED_UP:g} times a peer: {slow}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of the bars and fewer runs")
    parser.add_argument("--peers", help="a folder into which the peers were installed")
    arguments = parser.parse_args()
    if arguments.peers:
        # After the project's own packages, whose versions count.
        sys.path.append(arguments.peers)
    main(short=arguments.short)
