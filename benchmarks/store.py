"""The market store: rows imported a second, hours built of minutes for one of 5,000 instruments, bytes a bar on disk.

Ten million one-minute bars: 240 instruments have 30,000 of them, the others 600. Beside it, in the same run: DuckDB
alone reading the same Parquet file, and ArcticDB. That is no dependency of ours (Business Source License): it is
installed into an environment of its own (``--arctic PYTHON`` names one), and left out where that fails.
Run: ``.venv/bin/python -m benchmarks.store [--short]``. Queries alternate; the figures are of all of them.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from benchmarks.reporting import percentile, print_table
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.kit.clock import SystemClock
from outcry.kit.market import Timeframe, to_micros
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import ImportOptions

INSTRUMENTS, DEEP, DEEP_BARS, BARS = 5_000, 240, 30_000, 600
QUERIES, WARM_UP = 300, 20
HOURS = 500
MIGRATIONS = Path(__file__).parent.parent / "src" / "outcry" / "services" / "charts" / "migrations"
CONFIG: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "256MB", "threads": 2}
FLOOR = """SELECT time_bucket(INTERVAL 1 HOUR, date) AS hour, arg_min(open, date), max(high), min(low),
    arg_max(close, date), sum(volume) FROM read_parquet(?) WHERE symbol = ?
    GROUP BY hour ORDER BY hour DESC LIMIT 500"""
START = to_micros(datetime(2024, 1, 1, tzinfo=UTC))

# Runs in ArcticDB's environment: writes the bars, then answers a symbol a line by the milliseconds that its hours took.
PEER = """
import json, sys, time
import arcticdb, pandas, pyarrow.parquet
parquet, folder = sys.argv[1:]
library = arcticdb.Arctic("lmdb://" + folder).get_library("bars", create_if_missing=True)
frame = pyarrow.parquet.read_table(parquet).to_pandas()
begun = time.perf_counter()
for symbol, bars in frame.groupby("symbol", sort=False, observed=True):
    library.write(symbol, bars.drop(columns="symbol").set_index("date"))
print(json.dumps({"version": arcticdb.__version__, "seconds": time.perf_counter() - begun}), flush=True)
HOW = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
for line in sys.stdin:
    symbol, start = line.split()
    begun = time.perf_counter()
    query = arcticdb.QueryBuilder().resample("1h").agg(HOW)
    data = library.read(symbol, date_range=(pandas.Timestamp(start), None), query_builder=query).data.tail(500)
    print(json.dumps({"ms": 1000 * (time.perf_counter() - begun), "rows": len(data)}), flush=True)
"""


def make_file(folder: Path, share: float) -> tuple[Path, list[str], int]:
    """Write the bars as Parquet, ordered by symbol; return the file, the deep instruments, and the number of bars."""
    random = np.random.default_rng(1)
    deep = [f"DEEP{number}" for number in range(round(DEEP * share))]
    flat = [f"FLAT{number}" for number in range(round((INSTRUMENTS - DEEP) * share))]
    path = folder / "bars.parquet"
    schema = pa.schema(
        [
            ("symbol", pa.string()),
            ("date", pa.timestamp("us")),
            *((name, pa.float64()) for name in ("open", "high", "low", "close", "volume")),
        ]
    )
    bars = 0
    with pa_parquet.ParquetWriter(path, schema) as writer:
        for symbols, count in ((deep, DEEP_BARS), (flat, BARS)):
            for begin in range(0, len(symbols), 40):
                part = pa.concat_tables(_walk(random, symbol, count) for symbol in symbols[begin : begin + 40])
                writer.write_table(part.cast(schema))
                bars += part.num_rows
    return path, deep, bars


def _walk(random: np.random.Generator, symbol: str, count: int) -> pa.Table:
    close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.0005, count))), 2)
    opened = np.r_[100.0, close[:-1]]
    return pa.table(
        {
            "symbol": pa.array([symbol] * count),
            "date": pa.array(START + np.arange(count) * 60_000_000).cast(pa.timestamp("us")),
            "open": opened,
            "high": np.round(np.maximum(opened, close) + 0.05, 2),
            "low": np.round(np.minimum(opened, close) - 0.05, 2),
            "close": close,
            "volume": random.integers(1, 10_000, count).astype(np.float64),
        }
    )


class Arctic:
    """ArcticDB in a process and an environment of its own."""

    def __init__(self, python: Path, parquet: Path, folder: Path) -> None:
        self._process = subprocess.Popen(
            [python, "-c", PEER, parquet, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.written = self._read()

    def query(self, symbol: str) -> float:
        """Return the milliseconds that the newest hours of a symbol took, as the peer counts them itself."""
        start = datetime.fromtimestamp(START / 1e6, UTC) + timedelta(minutes=DEEP_BARS - HOURS * 60)
        stream: IO[str] | None = self._process.stdin
        assert stream is not None
        stream.write(f"{symbol} {start:%Y-%m-%dT%H:%M}\n")
        stream.flush()
        found = self._read()
        assert found["rows"] == HOURS, found
        return float(found["ms"])

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _read(self) -> Any:
        stream: IO[str] | None = self._process.stdout
        assert stream is not None
        return json.loads(stream.readline())


def find_arctic(folder: Path, given: Path | None) -> Path | None:
    """Return a Python that has ArcticDB: the one that is given, else one that is made now; None where it cannot be."""
    if given is not None:
        return given
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    done = subprocess.run([python, "-m", "pip", "install", "-q", "arcticdb", "pyarrow"], check=False)
    return python if done.returncode == 0 else None


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_blocks * 512 for file in files if file.is_file())


def import_alone(folder: Path, parquet: Path) -> tuple[duckdb.DuckDBPyConnection, float, float]:
    """Let DuckDB read the file into a table; return its connection, the seconds, and those of the processor."""
    floor = duckdb.connect(str(folder / "floor.duckdb"), config=CONFIG)
    begun, worked = time.perf_counter(), time.process_time()
    floor.execute("CREATE TABLE bars AS SELECT * FROM read_parquet(?)", [str(parquet)])
    return floor, time.perf_counter() - begun, time.process_time() - worked


async def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of the instruments and of the queries")
    parser.add_argument("--arctic", type=Path, help="a Python that has ArcticDB")
    given = parser.parse_args()
    share, queries = (0.1, QUERIES // 10) if given.short else (1.0, QUERIES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parquet, deep, bars = make_file(folder, share)
        clock = SystemClock()
        database = SqliteDatabase(folder / "charts.sqlite", clock=clock)
        await database.migrate(MIGRATIONS)
        store = DuckdbTimeSeries(folder / "market.duckdb")
        commands = ChartsCommands(database=database, time_series=store, clock=clock)
        tenant = uuid4()
        begun, worked = time.perf_counter(), time.process_time()
        (report,) = await import_files(
            commands, [parquet], ImportOptions(tenant_id=tenant, zone="UTC", timeframe=Timeframe.M1), lambda _: None
        )
        ours_s, ours_cpu = time.perf_counter() - begun, time.process_time() - worked
        assert report.changed == bars, report.problem
        floor, floor_s, floor_cpu = import_alone(folder, parquet)
        python = find_arctic(folder / "environment", given.arctic)
        arctic = Arctic(python, parquet, folder / "arctic") if python else None
        times = await query_times(store, tenant, floor, parquet, arctic, deep, queries)
        if arctic:
            arctic.close()
        floor.close()
        await store.close()
        await database.close()
        rows = [
            _line("Outcry: every row checked, safe to repeat", bars, ours_s, ours_cpu, folder / "market.duckdb"),
            _line("DuckDB alone, into a plain table", bars, floor_s, floor_cpu, folder / "floor.duckdb"),
            ["the Parquet file itself", "", "", _each(parquet, bars)],
        ]
        if arctic:
            written = f"{bars / arctic.written['seconds']:,.0f}"
            label = f"ArcticDB {arctic.written['version']}, from frames in memory"
            rows.append([label, written, "", _each(folder / "arctic", bars)])
    print_table(
        f"{bars:,} bars of {round(INSTRUMENTS * share):,} instruments",
        ["", "rows/s", "rows a processor second", "bytes a bar"],
        rows,
    )
    print_table(
        f"{HOURS} hours built of minutes, {queries} queries of random instruments, ms",
        ["", "p50", "p99"],
        [[label, f"{statistics.median(ms):.1f}", f"{percentile(ms, 0.99):.1f}"] for label, ms in times.items() if ms],
    )
    if not arctic:
        print("ArcticDB could not be installed here, so it is left out.", file=sys.stderr)


def _line(label: str, bars: int, seconds: float, worked: float, path: Path) -> list[str]:
    return [label, f"{bars / seconds:,.0f}", f"{bars / worked:,.0f}", _each(path, bars)]


def _each(path: Path, bars: int) -> str:
    return f"{size_of(path) / bars:.1f}"


async def query_times(
    store: DuckdbTimeSeries,
    tenant: Any,
    floor: duckdb.DuckDBPyConnection,
    parquet: Path,
    arctic: Arctic | None,
    deep: list[str],
    queries: int,
) -> dict[str, list[float]]:
    """Return the milliseconds of each query, by whose it is; the three alternate."""
    random = np.random.default_rng(2)
    times: dict[str, list[float]] = {"Outcry": [], "DuckDB alone, reading the Parquet file": [], "ArcticDB": []}
    ours, alone, peer = times.values()
    for number in range(queries + WARM_UP):
        symbol = deep[int(random.integers(len(deep)))]
        begun = time.perf_counter()
        bars = await store.aggregate(tenant, symbol, Timeframe.M1, Timeframe.H1, zone="UTC", limit=HOURS)
        ours_ms = 1000 * (time.perf_counter() - begun)
        assert len(bars) == HOURS
        begun = time.perf_counter()
        floor.execute(FLOOR, [str(parquet), symbol]).fetchnumpy()
        alone_ms = 1000 * (time.perf_counter() - begun)
        peer_ms = arctic.query(symbol) if arctic else None
        if number >= WARM_UP:
            ours.append(ours_ms)
            alone.append(alone_ms)
            if peer_ms is not None:
                peer.append(peer_ms)
    return times


if __name__ == "__main__":
    asyncio.run(main())
