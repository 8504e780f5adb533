"""How fast a million one-minute bars come in and are queried, beside DuckDB alone reading the same file.

Ours reads, checks every row, and writes bars that are safe to import twice; the floor is DuckDB's own reader into a
plain table, with no check. Run: ``.venv/bin/python benchmarks/import_bars.py [--short]``. Runs alternate; the figures
are medians.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from rich.console import Console
from rich.table import Table

from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.kit.clock import SystemClock
from outcry.kit.market import Timeframe, to_micros
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import ImportOptions

ROWS = 1_000_000
RUNS = 5
SYMBOL = "BENCH"
MIGRATIONS = Path(__file__).parent.parent / "src" / "outcry" / "services" / "charts" / "migrations"
CONFIG: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "256MB", "threads": 2}


def make_files(folder: Path, rows: int) -> dict[str, Path]:
    """Write the same one-minute bars as CSV and as Parquet."""
    random = np.random.default_rng(1)
    close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.0005, rows))), 4)
    opened = np.round(np.r_[100.0, close[:-1]], 4)
    start = to_micros(datetime(2020, 1, 1, tzinfo=UTC))
    table = pa.table(
        {
            "date": pa.array(start + np.arange(rows) * 60_000_000).cast(pa.timestamp("us")).cast(pa.timestamp("s")),
            "open": opened,
            "high": np.round(np.maximum(opened, close) + random.random(rows) * 0.1, 4),
            "low": np.round(np.minimum(opened, close) - random.random(rows) * 0.1, 4),
            "close": close,
            "volume": random.integers(0, 100_000, rows),
        }
    )
    paths = {"CSV": folder / f"{SYMBOL}.csv", "Parquet": folder / f"{SYMBOL}.parquet"}
    pa_csv.write_csv(table, paths["CSV"])
    pa_parquet.write_table(table, paths["Parquet"])
    return paths


class Ours:
    """An Outcry market store in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        clock = SystemClock()
        self.tenant = uuid4()
        self.database = SqliteDatabase(folder / "charts.sqlite", clock=clock)
        self.series = DuckdbTimeSeries(folder / "market.duckdb")
        self.commands = ChartsCommands(database=self.database, time_series=self.series, clock=clock)

    async def bring_in(self, path: Path) -> int:
        """Import a file; return how many bars were new."""
        options = ImportOptions(tenant_id=self.tenant, zone="UTC")
        (report,) = await import_files(self.commands, [path], options, lambda _: None)
        assert report.status == "imported", report
        return report.changed

    async def close(self) -> None:
        """Let go of both stores."""
        await self.series.close()
        await self.database.close()


def floor_import(folder: Path, path: Path) -> duckdb.DuckDBPyConnection:
    """Let DuckDB read a file into a table."""
    folder.mkdir()
    connection = duckdb.connect(str(folder / "floor.duckdb"), config=CONFIG)
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    connection.execute(f"CREATE TABLE bars AS SELECT * FROM {reader}(?)", [str(path)])  # noqa: S608 - one of two names
    return connection


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return how many seconds something takes."""
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


async def import_times(folder: Path, paths: dict[str, Path], runs: int, rows: int) -> dict[str, tuple[float, float]]:
    """Return the median seconds of ours and of the floor for each file."""
    result = {}
    for kind, path in paths.items():
        ours, floor = [], []
        for run in range(runs):
            store = Ours(folder / f"ours-{kind}-{run}")
            await store.database.migrate(MIGRATIONS)
            begun = time.perf_counter()
            assert await store.bring_in(path) == rows
            ours.append(time.perf_counter() - begun)
            await store.close()
            begun = time.perf_counter()
            floor_import(folder / f"floor-{kind}-{run}", path).close()
            floor.append(time.perf_counter() - begun)
        result[kind] = (statistics.median(ours), statistics.median(floor))
    return result


async def query_times(folder: Path, path: Path, runs: int) -> dict[str, tuple[float, float]]:
    """Return the median seconds of ours and of the floor for each query."""
    store = Ours(folder / "ours-queries")
    await store.database.migrate(MIGRATIONS)
    await store.bring_in(path)
    plain = floor_import(folder / "floor-queries", path)
    columns = "first(open ORDER BY date), max(high), min(low), last(close ORDER BY date), sum(volume)"
    newest = "SELECT * FROM bars ORDER BY date DESC LIMIT 500"
    hours = f"SELECT date_trunc('hour', date) AS t, {columns} FROM bars GROUP BY t ORDER BY t DESC LIMIT 500"  # noqa: S608  # made of constants
    days = f"SELECT date_trunc('day', date) AS t, {columns} FROM bars GROUP BY t ORDER BY t DESC LIMIT 5000"  # noqa: S608  # made of constants
    read, build = store.series.read, store.series.aggregate
    cases: dict[str, tuple[Callable[[], Awaitable[object]], str]] = {
        "newest 500 bars": (lambda: read(store.tenant, SYMBOL, Timeframe.M1, limit=500), newest),
        "newest 500 hours, built": (
            lambda: build(store.tenant, SYMBOL, Timeframe.M1, Timeframe.H1, zone="UTC", limit=500),
            hours,
        ),
        "all days, built": (
            lambda: build(store.tenant, SYMBOL, Timeframe.M1, Timeframe.D1, zone="UTC", limit=5000),
            days,
        ),
        "all bars": (lambda: read(store.tenant, SYMBOL, Timeframe.M1, limit=10**9), "SELECT * FROM bars ORDER BY date"),
    }
    result = {}
    for name, (work, statement) in cases.items():
        ours, floor = [], []
        for _ in range(2 * runs):
            ours.append(await timed(work))
            begun = time.perf_counter()
            plain.execute(statement).fetchnumpy()
            floor.append(time.perf_counter() - begun)
        result[name] = (statistics.median(ours), statistics.median(floor))
    plain.close()
    await store.close()
    return result


async def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of the rows and two runs")
    short = parser.parse_args().short
    rows, runs = (ROWS // 10, 2) if short else (ROWS, RUNS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = make_files(folder, rows)
        imports = await import_times(folder, paths, runs, rows)
        queries = await query_times(folder, paths["Parquet"], runs)
    table = Table(title=f"{rows:,} one-minute bars, medians of {runs} alternating runs")
    for heading in ("", "Outcry", "DuckDB alone", "ratio"):
        table.add_column(heading, justify="left" if not heading else "right")
    for kind, (ours, floor) in imports.items():
        table.add_row(
            f"import {kind}",
            f"{ours:.2f} s, {rows / ours:,.0f} rows/s",
            f"{floor:.2f} s, {rows / floor:,.0f} rows/s",
            f"{ours / floor:.2f}",
        )
    for label, (ours, floor) in queries.items():
        table.add_row(label, f"{1000 * ours:.1f} ms", f"{1000 * floor:.1f} ms", f"{ours / floor:.2f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    asyncio.run(main())
