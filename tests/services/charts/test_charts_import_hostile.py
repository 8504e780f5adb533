"""Files that want to do harm: refused with the place and the reason, in little memory."""

import contextlib
import gzip
import resource
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from outcry.services.charts.importing.report import ImportLimits, UnusableFileError
from tests.services.charts.bar_files import HEADER, ROW, parse, write

SMALL = ImportLimits(bytes=1_000_000, rows=1_000, columns=50)
MOST_GROWTH_KB = 300_000


def make_table(rows: int) -> pa.Table:
    """Daily bars as a Parquet file has them."""
    start = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
    return pa.table(
        {
            "date": pa.array(start + np.arange(rows) * 86_400, pa.timestamp("s")),
            **{name: pa.array(np.full(rows, 10.0)) for name in ("open", "high", "low", "close", "volume")},
        }
    )


@pytest.fixture
def _little_memory() -> object:
    """Fail when the test needed much more memory than the process had needed before."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH_KB


@pytest.mark.usefixtures("_little_memory")
def test_a_long_text_in_a_million_rows_is_not_unpacked(tmp_path: Path) -> None:
    """100 GB of text in a file of a few hundred kilobytes."""
    rows = 1_000_000
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array(["A" * 100_000]))
    table = make_table(rows).append_column("symbol", text)
    pa_parquet.write_table(table, tmp_path / "BOMB.parquet", store_schema=False)
    assert (tmp_path / "BOMB.parquet").stat().st_size < 20_000_000
    with pytest.raises(UnusableFileError, match="a text of 100,000 bytes"):
        parse(tmp_path / "BOMB.parquet")


@pytest.mark.usefixtures("_little_memory")
def test_what_is_not_needed_is_not_unpacked(tmp_path: Path) -> None:
    rows = 1_000_000
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array(["A" * 100_000]))
    table = make_table(rows).append_column("remark", text)
    pa_parquet.write_table(table, tmp_path / "AAPL.parquet", store_schema=False)
    with pytest.raises(UnusableFileError, match="rows"):
        parse(tmp_path / "AAPL.parquet", limits=ImportLimits(rows=rows - 1))


def test_absurd_counts_are_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    pa_parquet.write_table(make_table(5_000), tmp_path / "AAPL.parquet")
    with pytest.raises(UnusableFileError, match="5,000 rows; 1,000 are the most"):
        parse(tmp_path / "AAPL.parquet", limits=SMALL)
    wide = pa.table({f"c{number}": [1] for number in range(60)})
    pa_parquet.write_table(wide, tmp_path / "AAPL.parquet")
    with pytest.raises(UnusableFileError, match="60 columns"):
        parse(tmp_path / "AAPL.parquet", limits=SMALL)
    pa_parquet.write_table(make_table(500), tmp_path / "AAPL.parquet")
    with pytest.raises(UnusableFileError, match="bytes unpacked"):
        parse(tmp_path / "AAPL.parquet", limits=ImportLimits(bytes=1_000))
    assert parse(tmp_path / "AAPL.parquet", limits=SMALL).rows == 500


def test_a_damaged_or_lying_parquet_file_gets_a_sentence(tmp_path: Path) -> None:
    pa_parquet.write_table(make_table(100), tmp_path / "AAPL.parquet")
    whole = (tmp_path / "AAPL.parquet").read_bytes()
    random = np.random.default_rng(1)
    for _ in range(150):
        broken = bytearray(whole)
        for place in random.integers(4, len(broken) - 4, 8):
            broken[place] = int(random.integers(0, 256))
        with contextlib.suppress(UnusableFileError):
            parsed = parse(write(tmp_path, bytes(broken), "AAPL.parquet"), limits=SMALL, skip_bad_rows=True)
            assert parsed.rows <= 1_000


@pytest.mark.usefixtures("_little_memory")
def test_packed_text_is_not_unpacked(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "AAPL.csv", "wb", compresslevel=1) as file:
        for _ in range(50):
            file.write(b"0" * 1_000_000)
    with pytest.raises(UnusableFileError, match="compressed by gzip"):
        parse(tmp_path / "AAPL.csv")


@pytest.mark.usefixtures("_little_memory")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a," * 1_000_000 + "\n" + "1," * 1_000_000, "columns, which no table of bars has"),
        (HEADER + "\n" * 2_000_000, "2,000,001 lines"),
        (HEADER + "x" * 2_000_000, "bytes; 1,000,000 are the most"),
        ('{"a' + "a" * 500_000 + '": 1}', "longer than"),
        ("\n".join(f'{{"c{number}": 1}}' for number in range(200)), "more than 50 different members"),
        ("\n".join(['{"a": 1}'] * 2_000), "more than 1,000 lines"),
    ],
    ids=["columns", "lines", "bytes", "line", "members", "objects"],
)
def test_too_much_of_anything_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    limits = SMALL if "are the most" in sentence or "than" in sentence else ImportLimits(rows=1_000)
    with pytest.raises(UnusableFileError, match=sentence):
        parse(write(tmp_path, text), limits=limits)


@pytest.mark.usefixtures("_little_memory")
def test_a_million_lines_that_do_not_fit_are_not_kept(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError):
        parse(write(tmp_path, HEADER + "1\n" * 1_000_000), shown_bad_rows=100_000)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2017-09-04,=1+1,12,9,11,100", 'the open "=1+1" is not a number'),
        ("2017-09-04,\"=cmd|' /C calc'!A0\",12,9,11,100", "is not a number"),
        ("=NOW(),10,12,9,11,100", 'the date "=NOW()" cannot be read'),
        ("0001-01-01,10,12,9,11,100", "cannot be read"),
        ("9999-12-31,10,12,9,11,100", "cannot be read"),
        ("2017-09-04,1e400,12,9,11,100", "infinite"),
        ("2017-09-04,-inf,12,9,11,100", "infinite"),
        ("2017-09-04,NaN,12,9,11,100", "missing"),
        ("2017-09-04,\u0661\u0660,12,9,11,100", "is not a number"),
        ("2017-09-04,10\u202e,12,9,11,100", "is not a number"),
    ],
)
def test_hostile_values_are_faults_of_their_row(tmp_path: Path, row: str, reason: str) -> None:
    text = HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW + row + "\n2017-09-05" + ROW
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, text))
    assert [(bad.line, reason in bad.reason) for bad in caught.value.bad_rows] == [(4, True)]
