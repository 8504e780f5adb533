"""Makes src/outcry/samples/market.parquet from the files that PROVENANCE.md beside it names.

Run it from anywhere: ``python scripts/make_sample_market.py [FOLDER]``, where FOLDER is the folder ``market`` of those
files, by default ``../shared/data/market`` beside the repository. The same files make the same bytes.
"""

import hashlib
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from outcry.ports.time_series import Batch
from outcry.services.charts.importing.parsing import parse_file
from outcry.services.charts.importing.report import ImportOptions

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "src" / "outcry" / "samples"
MOST_BYTES = 3_000_000
_MINUTES = "SPY"


def main() -> None:
    """Read each instrument's file by the product's own importer, and write one Parquet file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "market"
    facts = json.loads((SAMPLES / "instruments.json").read_text(encoding="utf-8"))
    batches = [_read(folder, one["symbol"], one["zone"]) for one in facts]
    table = pa.concat_tables([_to_table(batch) for batch in batches])
    target = SAMPLES / "market.parquet"
    pa_parquet.write_table(
        table,
        target,
        compression="zstd",
        compression_level=19,
        use_dictionary=["symbol", "timeframe"],
        column_encoding=dict.fromkeys(
            ("open", "high", "low", "close", "volume", "adjusted_close"), "BYTE_STREAM_SPLIT"
        ),
    )
    size = target.stat().st_size
    print(f"{target}: {table.num_rows:,} bars of {len(batches)} instruments, {size:,} bytes")
    print(f"sha256 {hashlib.sha256(target.read_bytes()).hexdigest()}")
    if size > MOST_BYTES:
        sys.exit(f"The sample must stay under {MOST_BYTES:,} bytes.")


def _read(folder: Path, symbol: str, zone: str) -> Batch:
    path = folder / "daily" / f"{symbol}.csv"
    if symbol == _MINUTES:
        path = folder / "intraday" / "SPY-1m-2020-12.csv"
    parsed = parse_file(path, ImportOptions(symbol=symbol, zone=zone), lambda _: None, lambda _stage, _part: None)
    (batch,) = parsed.batches
    return batch


def _to_table(batch: Batch) -> pa.Table:
    bars, count = batch.bars, len(batch.bars)
    return pa.table(
        {
            "symbol": pa.array([batch.symbol] * count, pa.string()),
            "timeframe": pa.array([batch.timeframe.value] * count, pa.string()),
            "time": pa.array(bars.time, pa.timestamp("us", tz="UTC")),
            "open": bars.open,
            "high": bars.high,
            "low": bars.low,
            "close": bars.close,
            "volume": bars.volume,
            "adjusted_close": pa.array(bars.adjusted_close, from_pandas=True),
        }
    )


if __name__ == "__main__":
    main()
