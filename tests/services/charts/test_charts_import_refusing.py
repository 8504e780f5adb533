"""What cannot be used is refused with the line and the reason, and leaves nothing behind."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.kit.market import to_micros
from outcry.ports.time_series import Batch
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import ImportOptions, Progress, UnusableFileError
from tests.services.charts.bar_files import HEADER, ROW, SHARED, needs_shared, parse, times_of, write
from tests.services.charts.conftest import Charts


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",10,12,9,11,100", "the date is missing"),
        ("11:34,10,12,9,11,100", 'the date "11:34" is a time of day without a date'),
        ("soon,10,12,9,11,100", 'the date "soon" cannot be read'),
        ("2017-02-30,10,12,9,11,100", 'the date "2017-02-30" cannot be read'),
        ("0001-01-01,10,12,9,11,100", 'the date "0001-01-01" cannot be read'),
        ("2017-09-05 12:30,10,12,9,11,100", "has a time of day among dates"),
        ("2017-09-01,10,12,9,11,100", "has the same time as line 3"),
        ("2017-09-05,,12,9,11,100", "the open is missing"),
        ("2017-09-05,null,12,9,11,100", "the open is missing"),
        ("2017-09-05,NaN,12,9,11,100", "the open is missing"),
        ("2017-09-05,10,inf,9,11,100", "the high is infinite"),
        ("2017-09-05,ten,12,9,11,100", 'the open "ten" is not a number'),
        ("2017-09-05,0x1F,12,9,11,100", 'the open "0x1F" is not a number'),
        ("2017-09-05,-10,12,9,11,100", "the open -10 is negative"),
        ("2017-09-05,0,0,0,0,0", "the open is zero"),
        ("2017-09-05,10,8,9,9,100", "the high 8 is below the low 9"),
        ("2017-09-05,10,12,9,12.5,100", "the close 12.5 is above the high 12"),
        ("2017-09-05,8.5,12,9,11,100", "the open 8.5 is below the low 9"),
        ("2017-09-05,10,12,9,11,-100", "the volume -100 is negative"),
        ("2017-09-05,10,12,9,11,", "the volume is missing"),
        ("2017-09-05,10,12,9", "has 4 fields, the header 6"),
        ("2017-09-05,10,12,9,11,100,7", "has 7 fields, the header 6"),
    ],
)
def test_a_bad_row_refuses_the_file_and_is_named(tmp_path: Path, row: str, reason: str) -> None:
    good = ["2017-08-31", "2017-09-01", "2017-09-06", "2017-09-07"]
    lines = [
        HEADER.strip(),
        *(date + ROW.strip() for date in good[:2]),
        "",
        row,
        *(date + ROW.strip() for date in good[2:]),
    ]
    path = write(tmp_path, "\n".join(lines) + "\n")
    with pytest.raises(UnusableFileError, match="1 of its 5 rows") as caught:
        parse(path)
    assert [(bad.line, bad.reason) for bad in caught.value.bad_rows] == [(5, reason)]
    parsed = parse(path, skip_bad_rows=True)
    assert times_of(parsed) == [f"{date}T00:00" for date in good]
    assert (parsed.rows, parsed.bad_row_count) == (5, 1)


def test_rounding_is_forgiven_and_the_range_then_holds_the_close(tmp_path: Path) -> None:
    bars = parse(write(tmp_path, HEADER + "2017-08-31,10,12,9,12.00001,1\n2017-09-01" + ROW)).batches[0].bars
    assert bars.high[0] == bars.close[0] == 12.00001


def test_only_ten_bad_rows_are_shown_and_all_counted(tmp_path: Path) -> None:
    dates = [f"2017-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 11)]
    text = HEADER + "".join(f"{date},0,0,0,0,0\n" for date in dates[:25]) + "".join(date + ROW for date in dates[25:])
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, text))
    assert ([row.line for row in caught.value.bad_rows], caught.value.bad_row_count) == (list(range(2, 12)), 25)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"\xef\xbb\xbf", "It is empty"),
        (HEADER.encode(), "a header line and no rows"),
        (b"\x00\x01\x02\x03\xff" * 100, "is not text"),
        (bytes(range(256)) * 40, "is not text"),
        (b"PK\x03\x04" + b"x" * 100, "Excel"),
        (b"\x1f\x8b" + b"x" * 100, "gzip"),
        (b"PAR1" + b"x" * 100, "damaged"),
        (b"\xff\xfeD\x00a", "damaged"),
        (b"2017-09-01,10,12,9\n2017-09-02,10,12,9\n", "no header line"),
        (b'[{"date": "2017-09-01"}]', "JSON array"),
        (b'{"date": \n{"open": 1\n', "no line of it is a JSON object"),
        (
            HEADER.encode() + b"2017-09-01,10,12,9,11,100\n" * 9_000 + b"2017-09-02,10,12,9,\x00,1\n",
            "line 9,002 holds a NUL",
        ),
        (b"Date,Open,High,Low\n2017-09-01,1,2,3\n", "no column for close"),
        (b"Open,High,Low,Close\n1,2,3,4\n", "no column for date"),
        (b"Date,Open,High,Low,Close,Last\n2017-09-01,1,2,3,4,5\n", "both look like the close"),
        (b"just a sentence\nand another\n", "single column"),
        ((HEADER + "".join(f"2017-09-01 09:{m}{ROW}" for m in ("30", "37", "44"))).encode(), "7 minutes apart"),
        ((HEADER + "2017-09-01 09:30" + ROW).encode(), "--timeframe"),
        ((HEADER + "x" + ROW + "y" + ROW).encode(), "None of its rows can be used"),
        (b"Date,Open,High,Low,Close\n" + b"a" * 300_000 + b"\n", "None of its rows|cannot be read"),
        ((HEADER + '"2017-09-01,10,12,9,11,100\n').encode(), "None of its rows|cannot be read"),
    ],
)
def test_what_is_no_table_of_bars_gets_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(UnusableFileError, match=sentence):
        parse(write(tmp_path, content))


def test_a_folder_and_a_missing_file_get_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="is a folder"):
        parse(tmp_path)
    with pytest.raises(UnusableFileError, match="does not exist"):
        parse(tmp_path / "AAPL.csv")


@settings(max_examples=150, deadline=None)
@given(
    content=st.binary(max_size=400)
    | st.text(max_size=200).map(str.encode)
    | st.text(alphabet='0123456789-,."\n :/', max_size=200).map(lambda text: (HEADER + text).encode())
)
def test_whatever_bytes_come_the_answer_is_bars_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "FUZZ.csv"
    path.write_bytes(content)
    try:
        parsed = parse(path, skip_bad_rows=True)
    except UnusableFileError as error:
        sentence = error.detail
        batches: tuple[Batch, ...] = ()
    else:
        sentence, batches = "imported", parsed.batches
    assert sentence
    assert "\n" not in sentence
    for batch in batches:
        assert (np.diff(batch.bars.time) > 0).all()
        assert (batch.bars.low > 0).all()
        assert (batch.bars.high >= batch.bars.low).all()


def test_parquet_with_an_index_and_a_zone(tmp_path: Path) -> None:
    moments = [datetime(2020, 12, 15, 14, minute, tzinfo=UTC) for minute in (30, 31)]
    table = pa.table(
        {
            "Open": pa.array([10, 10], pa.int32()),
            "High": [12.0, 12.0],
            "Low": [9.0, 9.0],
            "Close": pa.array([11, 11], pa.decimal128(9, 2)),
            "Volume": ["1,000", "2,000"],
            "Datetime": pa.array(moments, pa.timestamp("ns", tz="America/New_York")),
        }
    )
    pa_parquet.write_table(table, tmp_path / "SPY.parquet")
    parsed = parse(tmp_path / "SPY.parquet")
    assert times_of(parsed) == ["2020-12-15T14:30", "2020-12-15T14:31"]
    assert parsed.batches[0].bars.volume.tolist() == [1000, 2000]
    wrong = table.set_column(1, "High", pa.array([True, False]))
    pa_parquet.write_table(wrong, tmp_path / "SPY.parquet")
    with pytest.raises(UnusableFileError, match="holds bool"):
        parse(tmp_path / "SPY.parquet")


async def test_importing_twice_changes_nothing_and_tells_progress(charts: Charts, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW)
    told: list[Progress] = []
    (first,) = await import_files(charts.commands, [path], ImportOptions(), told.append)
    (again,) = await import_files(charts.commands, [path], ImportOptions(), lambda _: None)
    assert (first.status, first.rows, first.changed, again.changed) == ("imported", 2, 2, 0)
    assert (first.series[0].symbol, first.series[0].count) == ("AAPL", 2)
    await asyncio.sleep(0)
    assert {"reading", "checking", "writing", "done"} == {one.stage for one in told}
    assert told[-1].fraction == 1
    events = [envelope for _, envelope, _ in await charts.database.pending(after=0, limit=10)]
    assert [(event.name, event.data["symbol"], event.data["count"]) for event in events] == [
        ("charts.bars_imported.v1", "AAPL", 2)
    ]


async def test_one_bad_file_does_not_stop_the_others_and_leaves_nothing(charts: Charts, tmp_path: Path) -> None:
    good = write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW, "GOOD.csv")
    bad = write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01,0,0,0,0,0\n", "BAD.csv")
    missing = tmp_path / "NONE.csv"
    reports = await import_files(charts.commands, [bad, missing, good, tmp_path], ImportOptions(), lambda _: None)
    assert [report.status for report in reports] == ["refused", "refused", "imported", "refused"]
    assert reports[0].bad_rows[0].line == 3
    assert [c.symbol for c in await charts.time_series.coverage(SHARED_TENANT)] == ["GOOD"]
    assert await charts.queries.instruments(tenant_id=charts.tenant, symbols=("BAD",)) == ()
    with pytest.raises(InvalidInputError, match="not a symbol"):
        await import_files(charts.commands, [good], ImportOptions(symbol="../x"), lambda _: None)


async def test_a_store_that_fails_leaves_no_instrument(charts: Charts, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW)
    await charts.time_series.close()
    with pytest.raises(UnavailableError):
        await import_files(charts.commands, [path], ImportOptions(), lambda _: None)
    assert await charts.commands.list_zones(SHARED_TENANT) == {}


@needs_shared
def test_every_file_of_the_full_set_is_read_or_refused_by_row() -> None:
    refused = {}
    for path in sorted((SHARED / "daily").glob("*.csv")) + sorted((SHARED / "intraday").glob("*.csv")):
        lines = len(path.read_text().splitlines()) - 1
        try:
            parsed = parse(path)
        except UnusableFileError as error:
            refused[path.stem] = [(row.line, row.reason) for row in error.bad_rows]
        else:
            assert len(parsed.batches[0].bars) == parsed.rows == lines, path.name
            assert path.stem.startswith(parsed.batches[0].symbol)
    missing = [(962, "the open is missing")]
    assert refused == {"PTR": missing, "REX": missing, "SNP": missing}


@needs_shared
def test_the_full_sets_awkward_files() -> None:
    awkward = SHARED / "awkward"
    tesla = parse(awkward / "tesla-thousands-separators-descending.csv", symbol="TSLA", skip_bad_rows=True)
    assert [(row.line, row.reason) for row in tesla.bad_rows] == [
        (2, 'the date "11:34" is a time of day without a date')
    ]
    assert (len(tesla.batches[0].bars), times_of(tesla)[-1]) == (756, "2018-10-15T00:00")
    minutes = parse(awkward / "sp500-intraday-odd-column-order.csv", symbol="SPX")
    assert (times_of(minutes)[0], len(minutes.batches[0].bars)) == ("2019-11-05T14:30", 1563)
    labelled = parse(awkward / "labelled-bad-rows.csv", symbol="X", skip_bad_rows=True)
    rows = [line.split(",") for line in (awkward / "labelled-bad-rows.csv").read_text().splitlines()[1:]]
    unusable = {"no date", "negative", "illogical", "zeros", "nulls"}
    # Of the rows labelled `micro`, those whose rounded close left the range of low and high are bad as well.
    outside = [row for row in rows if row[7] == "micro" and not float(row[4]) <= float(row[5]) <= float(row[3])]
    # Line 357 is labelled `negative` but holds no negative number.
    expected = sum(row[7] in unusable for row in rows) + len(outside) - 1
    assert labelled.bad_row_count == expected
    assert labelled.ignored_columns == ("index", "scenario")
    assert to_micros(datetime(2017, 1, 3, tzinfo=UTC)) == labelled.batches[0].bars.time[0]
