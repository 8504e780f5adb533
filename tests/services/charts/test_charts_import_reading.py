"""Files as people have them are read right: dates, headings, numbers, encodings, symbols."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from outcry.kit.market import Timeframe
from outcry.services.charts.importing.parsing import parse_file
from outcry.services.charts.importing.report import ImportOptions, UnusableFileError
from tests.services.charts.bar_files import HEADER, ROW, parse, times_of, write


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2017-08-31", "2017-09-01"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["2017/8/31", "2017/9/1"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["20170831", "20170901"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["31.8.2017", "1.9.2017"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["1.2.2017", "2.2.2017"], ["2017-02-01T00:00", "2017-02-02T00:00"]),
        (["8/31/2017", "9/1/2017"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["31/08/17", "01/09/17"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["31-Aug-2017", "01-Sep-2017"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["Aug 31 2017", "September 1 2017"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["Thu 31 Aug 2017", "Fri 1 Sep 2017"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["1504137600", "1504224000"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["1504137600000", "1504224000000"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["1504137600000000", "1504224000000000"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["2017-08-31T00:00:00Z", "2017-09-01T00:00:00Z"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["2017-08-31 00:00:00-04:00", "2017-09-01 00:00:00-04:00"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["2017-08-31 16:00", "2017-09-01 16:00"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        # Half past nine in New York, in seconds: the date there, not the one in UTC.
        (["1504186200", "1504272600"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
        (["1504227600", "1504314000"], ["2017-08-31T00:00", "2017-09-01T00:00"]),
    ],
)
def test_dates_are_read_in_every_common_way(tmp_path: Path, dates: list[str], expected: list[str]) -> None:
    parsed = parse(write(tmp_path, HEADER + "".join(date + ROW for date in dates)))
    assert times_of(parsed) == expected
    assert parsed.batches[0].timeframe is Timeframe.D1


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        (["2020-12-15 09:30", "2020-12-15 09:31"], "2020-12-15T14:30"),
        (["2020-07-15 09:30:00", "2020-07-15 09:31:00"], "2020-07-15T13:30"),
        (["2020-12-15T09:30:00.000", "2020-12-15T09:31:00.000"], "2020-12-15T14:30"),
        (["12/15/2020 9:30 AM", "12/15/2020 9:31 AM"], "2020-12-15T14:30"),
        (["12/15/2020 12:01 AM", "12/15/2020 12:02 AM"], "2020-12-15T05:01"),
        (["12/15/2020 12:01 PM", "12/15/2020 12:02 PM"], "2020-12-15T17:01"),
        (["15.12.2020 09:30", "15.12.2020 09:31"], "2020-12-15T14:30"),
        (["20201215 09:30:00", "20201215 09:31:00"], "2020-12-15T14:30"),
        (["202012150930", "202012150931"], "2020-12-15T14:30"),
        (["20201215093000", "20201215093100"], "2020-12-15T14:30"),
        (["2020-12-15T14:30:00Z", "2020-12-15T14:31:00Z"], "2020-12-15T14:30"),
        (["2020-12-15T09:30:00-05:00", "2020-12-15T09:31:00-05:00"], "2020-12-15T14:30"),
        (["1608042600", "1608042660"], "2020-12-15T14:30"),
        (["1608042600000", "1608042660000"], "2020-12-15T14:30"),
        (["1608042600.0", "1608042660.0"], "2020-12-15T14:30"),
    ],
)
def test_times_of_day_are_read_in_their_zone(tmp_path: Path, moments: list[str], expected: str) -> None:
    parsed = parse(write(tmp_path, HEADER + "".join(moment + ROW for moment in moments)))
    assert times_of(parsed)[0] == expected
    assert parsed.batches[0].timeframe is Timeframe.M1


def test_the_zone_is_said_chosen_and_known(tmp_path: Path) -> None:
    text = HEADER + "2020-12-15 09:30" + ROW + "2020-12-15 09:31" + ROW
    path = write(tmp_path, text)
    assert "America/New_York" in " ".join(parse(path).notes)
    assert times_of(parse(path, zone="Europe/Berlin"))[0] == "2020-12-15T08:30"
    assert times_of(parse(write(tmp_path, text, "BTC-USD.csv")))[0] == "2020-12-15T09:30"
    known = parse_file(path, ImportOptions(), {"AAPL": "Asia/Tokyo"}.get, lambda _stage, _part: None)
    assert times_of(known)[0] == "2020-12-15T00:30"
    with pytest.raises(UnusableFileError, match="IANA"):
        parse(path, zone="../../etc/passwd")


def test_midnight_is_a_time_of_day_among_minutes(tmp_path: Path) -> None:
    moments = ["2020-12-14 23:59", "2020-12-15 00:00", "2020-12-15 00:01"]
    assert len(times_of(parse(write(tmp_path, HEADER + "".join(m + ROW for m in moments)), zone="UTC"))) == 3
    table = pa.table(
        {
            "date": pa.array(moments).cast(pa.timestamp("s")),
            **{name: [1.0] * 3 for name in ("open", "high", "low", "close")},
        }
    )
    pa_parquet.write_table(table, tmp_path / "SPY.parquet")
    assert len(times_of(parse(tmp_path / "SPY.parquet", zone="UTC"))) == 3


def test_an_unclear_order_of_day_and_month_is_refused_with_the_way_out(tmp_path: Path) -> None:
    text = HEADER + "".join(f"{a}/{b}/2019{ROW}" for a, b in ((1, 2), (2, 3), (3, 4)))
    path = write(tmp_path, text)
    with pytest.raises(UnusableFileError, match="--date-format dmy or --date-format mdy"):
        parse(path)
    assert times_of(parse(path, date_format="dmy", timeframe=Timeframe.D1))[0] == "2019-02-01T00:00"
    assert times_of(parse(path, date_format="mdy", timeframe=Timeframe.D1))[0] == "2019-01-02T00:00"
    assert times_of(parse(path, date_format="%d/%m/%Y", timeframe=Timeframe.D1))[0] == "2019-02-01T00:00"
    with pytest.raises(UnusableFileError, match="strptime"):
        parse(path, date_format="%Q")


def test_the_order_is_decided_by_the_whole_column(tmp_path: Path) -> None:
    # Only the last row tells; and days that follow each other within a month, though no number is over 12.
    late = HEADER + "".join(f"{date}{ROW}" for date in ("01/02/2019", "04/02/2019", "13/02/2019"))
    assert times_of(parse(write(tmp_path, late)))[0] == "2019-02-01T00:00"
    minutes = HEADER + "".join(f"11/{day}/2019 9:{minute}{ROW}" for day in (5, 6, 7) for minute in (30, 31, 32))
    assert times_of(parse(write(tmp_path, minutes)))[0] == "2019-11-05T14:30"
    forward = HEADER + "".join(f"{date}{ROW}" for date in ("10/1/2019", "1/2/2019", "2/2/2019"))
    assert times_of(parse(write(tmp_path, forward)))[0] == "2019-01-10T00:00"


@pytest.mark.parametrize(
    "header",
    [
        "date,open,high,low,close,volume",
        "DATE,OPEN,HIGH,LOW,CLOSE,VOL",
        "Timestamp,Open,High,Low,Close*,Volume",
        "datetime,1. open,2. high,3. low,4. close,5. volume",
        "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
        "t s,O,H,L,C,V",
        '"Date","Open","High","Low","Close/Last","Volume"',
    ],
)
def test_headings_are_known_by_many_names(tmp_path: Path, header: str) -> None:
    parsed = parse(write(tmp_path, header + "\n2017-08-31" + ROW + "2017-09-01" + ROW))
    bars = parsed.batches[0].bars
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]) == (10, 12, 9, 11, 100)


def test_any_order_extra_columns_adjusted_close_and_newest_first(tmp_path: Path) -> None:
    text = (
        ",Close,Adj Close,Note,Low,High,Open,Date,Volume\n"
        '1,"1,011.5",1000,x,"1,009",1012,"1,010",2017-09-01,"4,787,699"\n'
        "0,11,,y,9,12,$10,2017-08-31,1.5M\n"
    )
    parsed = parse(write(tmp_path, text))
    bars = parsed.batches[0].bars
    assert bars.open.tolist() == [10, 1010]
    assert bars.close.tolist() == [11, 1011.5]
    assert bars.volume.tolist() == [1_500_000, 4_787_699]
    assert np.isnan(bars.adjusted_close[0])
    assert bars.adjusted_close[1] == 1000
    assert parsed.ignored_columns == ("an unnamed column", "Note")


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    text = (
        "Datum;Date;Open;High;Low;Close;Volume\n"
        "x;01.09.2017;1.010,5;1.012,0;1.009,25;1.011,0;1.000.000\nx;04.09.2017;10,5;12;9,1;11;5\n"
    )
    bars = parse(write(tmp_path, text)).batches[0].bars
    assert bars.open.tolist() == [1010.5, 10.5]
    assert bars.low.tolist() == [1009.25, 9.1]
    assert bars.volume.tolist() == [1_000_000, 5]


def test_date_and_time_in_two_columns(tmp_path: Path) -> None:
    text = (
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\n"
        "2020.12.15\t09:30:00\t10\t12\t9\t11\n2020.12.15\t09:35:00\t10\t12\t9\t11\n"
    )
    parsed = parse(write(tmp_path, text, "EURUSD.csv"), zone="UTC")
    assert times_of(parsed) == ["2020-12-15T09:30", "2020-12-15T09:35"]
    assert parsed.batches[0].timeframe is Timeframe.M5
    assert any("volumes are 0" in note for note in parsed.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    text = "Date,Open,High,Low,Close,Volume,Société\n2017-08-31,10,12,9,11,100,é\n2017-09-01,10,12,9,11,100,ü\n"
    path = write(tmp_path, text.replace("\n", newline).encode(encoding))
    assert len(times_of(parse(path))) == 2


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("AAPL.csv", "AAPL"),
        ("BRK-A.csv", "BRK-A"),
        ("BTC-USD.csv", "BTC-USD"),
        ("SPY-1m-2020-12.csv", "SPY"),
        ("RDS.B.csv", "RDS.B"),
        ("T_daily.csv", "T"),
        ("^GSPC.csv", "^GSPC"),
        ("0700.HK.csv", "0700.HK"),
        ("MSFT_2015-01-01_2017-09-01.csv", "MSFT"),
        ("prices.csv", None),
        ("labelled-bad-rows.csv", None),
        ("my data (2).csv", None),
        ("2017-09-01.csv", None),
    ],
)
def test_the_symbol_is_the_file_name_only_where_that_is_one(tmp_path: Path, name: str, symbol: str | None) -> None:
    path = write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW, name)
    if symbol is None:
        with pytest.raises(UnusableFileError, match="--symbol"):
            parse(path)
    else:
        assert parse(path).batches[0].symbol == symbol
    assert parse(path, symbol="xyz").batches[0].symbol == "XYZ"


def test_a_symbol_column_parts_the_file(tmp_path: Path) -> None:
    rows = [("2017-08-31", "AAPL"), ("2017-08-31", "msft"), ("2017-09-01", "AAPL"), ("2017-09-01", "MSFT")]
    text = "Ticker,Date,Open,High,Low,Close,Volume\n" + "".join(f"{symbol},{date}{ROW}" for date, symbol in rows)
    parsed = parse(write(tmp_path, text, "all.csv"))
    assert [(batch.symbol, len(batch.bars)) for batch in parsed.batches] == [("AAPL", 2), ("MSFT", 2)]
    with pytest.raises(UnusableFileError, match="leave --symbol out"):
        parse(tmp_path / "all.csv", symbol="AAPL")
    bad = parse(write(tmp_path, text + "!!,2017-09-01" + ROW, "all.csv"), skip_bad_rows=True)
    assert [(row.line, row.reason) for row in bad.bad_rows] == [(6, 'the symbol "!!" is not one')]
