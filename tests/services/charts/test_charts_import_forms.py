"""Forms of files beside CSV with a header: JSON lines, tables without one; questions, dry runs, whole lists."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import ImportOptions, UnusableFileError
from tests.services.charts.bar_files import HEADER, ROW, SHARED, needs_shared, parse, times_of, write
from tests.services.charts.conftest import Charts

MINUTES = HEADER + "2020-12-15 09:30" + ROW + "2020-12-15 09:31" + ROW


def test_json_lines_are_read_with_numbers_as_they_are_written(tmp_path: Path) -> None:
    lines = [
        '{"t": 1, "Date": "2017-08-31", "Close": 11, "High": 12.10, "Low": "9", "Open": 1e1, "Volume": "1,000"}',
        "",
        '{"Date": "2017-09-01", "Open": 10, "High": 12, "Low": 9, "Close": 11.25, "Volume": null, "extra": [1]}',
    ]
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, "\n".join(lines), "AAPL.jsonl"))
    assert [(row.line, row.reason) for row in caught.value.bad_rows] == [(3, "the volume is missing")]
    lines[2] = lines[2].replace("null", "5")
    parsed = parse(write(tmp_path, "\ufeff" + "\n".join(lines), "AAPL.jsonl"))
    assert times_of(parsed) == ["2017-08-31T00:00", "2017-09-01T00:00"]
    bars = parsed.batches[0].bars
    assert (bars.open.tolist(), bars.high.tolist(), bars.volume.tolist()) == ([10, 10], [12.1, 12], [1000, 5])
    assert parsed.ignored_columns == ("t", "extra")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON"),
        ("[1, 2]", "is not a JSON object"),
        ('"text"', "is not a JSON object"),
        ("{" * 5_000, "is not JSON"),
        ('{"a":' * 30_000, "is not JSON"),
        ('{"Date": "2017-09-05", "Open": NaN, "High": 2, "Low": 1, "Close": 1, "Volume": 1}', "the open is missing"),
        ('{"Date": "2017-09-05", "Open": Infinity, "High": 2, "Low": 1, "Close": 1, "Volume": 1}', "is infinite"),
        ('{"Date": "2017-09-05", "Open": [1], "High": 2, "Low": 1, "Close": 1, "Volume": 1}', "is not a number"),
        ('{"Date": "2017-09-05", "Open": true, "High": 2, "Low": 1, "Close": 1, "Volume": 1}', "is not a number"),
    ],
)
def test_a_bad_line_of_json_is_named(tmp_path: Path, line: str, reason: str) -> None:
    good = '{"Date": "2017-09-0%d", "Open": 1, "High": 2, "Low": 1, "Close": 1, "Volume": 1}'
    text = "\n".join([good % 1, line[:90_000], good % 4])
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, text, "AAPL.jsonl"))
    assert [(row.line, reason in row.reason) for row in caught.value.bad_rows] == [(2, True)]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("2017-08-31,10,12,9,11,100\n2017-09-01,11,13,10,12,90\n", "date, open, high, low, close, volume"),
        ("2017-08-31;10,5;12;9;11;100\n2017-09-01;11;13;10;12;90\n", "date, open, high, low, close, volume"),
        ("10,12,9,11,20170831\n11,13,10,12,20170901\n", "open, high, low, close, date"),
        ("AAPL,2017-08-31,10,11,12,9\nAAPL,2017-09-01,11,12,13,10\n", "symbol, date, open, close, high, low"),
        (
            "2017-08-31,10,12,9,11,10.5,100000\n2017-09-01,11,13,10,12,11.5,90000\n",
            "date, open, high, low, close, adj close, volume",
        ),
        (
            "2017-08-31,10,12,9,11,100000,10.5\n2017-09-01,11,13,10,12,90000,11.5\n",
            "date, open, high, low, close, volume, adj close",
        ),
    ],
)
def test_a_table_without_a_header_is_understood_and_said(tmp_path: Path, rows: str, names: str) -> None:
    parsed = parse(write(tmp_path, rows))
    assert f"there is no header line; the columns were taken for {names}" in parsed.notes
    bars = parsed.batches[0].bars
    assert bars.close.tolist() == [11, 12]
    assert bars.high.tolist() == [12, 13]


def test_rows_of_a_table_without_a_header_are_counted_from_the_first_line(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as caught:
        parse(
            write(
                tmp_path,
                "2017-08-31,10,12,9,11,1\n2017-09-01,10,12,9,x,1\n2017-09-04,1\n"
                + "".join(f"2017-09-{day:02},10,12,9,11,1\n" for day in range(5, 25)),
            )
        )
    assert [row.line for row in caught.value.bad_rows] == [2, 3]


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(["open", "high", "low", "close", "volume", "date"]), seed=st.integers(0, 1000))
def test_any_order_of_columns_gives_the_same_bars(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], seed: int
) -> None:
    random = np.random.default_rng(seed)
    close = 100 + np.cumsum(random.normal(0, 1, 30)).round(2)
    opened = np.r_[100.0, close[:-1]]
    columns = {
        "date": [str(np.datetime64("2017-08-01") + day) for day in range(30)],
        "open": opened,
        "high": np.maximum(opened, close) + 1,
        "low": np.minimum(opened, close) - 1,
        "close": close,
        "volume": np.full(30, 5000),
    }
    lines = [",".join(order)] + [",".join(str(columns[name][row]) for name in order) for row in range(30)]
    path = tmp_path_factory.getbasetemp() / "ORDER.csv"
    path.write_text("\n".join(lines))
    bars = parse(path).batches[0].bars
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(bars, name).tolist() == list(columns[name])


def test_times_without_a_zone_are_asked_about_unless_it_is_known(tmp_path: Path) -> None:
    path = write(tmp_path, MINUTES)
    with pytest.raises(UnusableFileError, match="no time zone") as caught:
        parse(path, ask_zone=True)
    assert (caught.value.field, caught.value.errors[0]["field"]) == ("zone", "zone")
    assert times_of(parse(path, ask_zone=True, zone="Europe/Berlin"))[0] == "2020-12-15T08:30"
    assert times_of(parse(write(tmp_path, MINUTES, "BTC-USD.csv"), ask_zone=True))[0] == "2020-12-15T09:30"
    assert parse(write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW), ask_zone=True).batches


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        ("prices.csv", HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW, "symbol"),
        ("AAPL.csv", HEADER + "2020-12-15 09:30" + ROW, "timeframe"),
        ("AAPL.csv", HEADER + "01/02/2020" + ROW + "04/03/2020" + ROW + "02/01/2020" + ROW, "date_format"),
        ("AAPL.csv", HEADER + "2017-08-31" + ROW + "2017-09-01,0,0,0,0,0\n", "skip_bad_rows"),
    ],
)
def test_a_refusal_names_the_option_that_would_help(tmp_path: Path, name: str, text: str, field: str) -> None:
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, text, name))
    assert caught.value.field == field


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(charts: Charts, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW)
    options = ImportOptions(tenant_id=charts.tenant)
    (dry,) = await import_files(
        charts.commands, [path], ImportOptions(tenant_id=charts.tenant, dry_run=True), lambda _: None
    )
    assert (dry.status, dry.changed, dry.series[0].count) == ("checked", 2, 2)
    assert await charts.time_series.coverage(charts.tenant) == ()
    assert await charts.commands.list_zones(charts.tenant) == {}
    await import_files(charts.commands, [path], options, lambda _: None)
    write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01,10,12,9,11.5,100\n2017-09-04" + ROW)
    (dry,) = await import_files(
        charts.commands, [path], ImportOptions(tenant_id=charts.tenant, dry_run=True), lambda _: None
    )
    assert (dry.changed, dry.rows) == (2, 3)
    (real,) = await import_files(charts.commands, [path], options, lambda _: None)
    assert real.changed == dry.changed


def test_the_whole_list_of_bad_rows_is_there_when_asked(tmp_path: Path) -> None:
    text = HEADER + "".join(f"2017-01-{day:02},0,0,0,0,0\n" for day in range(1, 29)) + "2017-02-01" + ROW
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, text), shown_bad_rows=1000)
    assert [row.line for row in caught.value.bad_rows] == list(range(2, 30))


def test_what_is_no_utf8_is_said_with_its_place(tmp_path: Path) -> None:
    text = (HEADER + "2017-08-31" + ROW).encode() + b"2017-09-01,10,12,9,11,100\xe9\n"
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, text))
    assert [row.line for row in caught.value.bad_rows] == [3]
    noted = parse(
        write(tmp_path, text.replace(b"100\xe9", b"100") + b"2017-09-04,10,12,9,11,100\n# \xe9,,,,,\n"),
        skip_bad_rows=True,
    )
    assert any("byte 0xe9 in line 5" in note for note in noted.notes)


@needs_shared
async def test_every_shared_file_imports_or_names_each_row_that_cannot(charts: Charts) -> None:
    files = sorted(SHARED.rglob("*.csv"))
    assert len(files) > 90
    options = ImportOptions(tenant_id=charts.tenant, ask_zone=True, shown_bad_rows=100_000, dry_run=True)
    reports = await import_files(charts.commands, files, options, lambda _: None)
    refused = {report.path.name: report for report in reports if report.status == "refused"}
    assert {name: report.field for name, report in refused.items()} == {
        "PTR.csv": "skip_bad_rows",
        "REX.csv": "skip_bad_rows",
        "SNP.csv": "skip_bad_rows",
        "SPY-1m-2020-12.csv": "zone",
        "labelled-bad-rows.csv": "symbol",
        "sp500-intraday-odd-column-order.csv": "symbol",
        "tesla-thousands-separators-descending.csv": "symbol",
    }
    answered = ImportOptions(
        tenant_id=charts.tenant, symbol="X", zone="America/New_York", shown_bad_rows=100_000, skip_bad_rows=True
    )
    again = await import_files(charts.commands, [report.path for report in refused.values()], answered, lambda _: None)
    for report in again:
        assert report.status == "imported"
        assert len(report.bad_rows) == report.bad_row_count
        assert report.rows == sum(series.count for series in report.series) + report.bad_row_count
    assert json.dumps([row.reason for report in again for row in report.bad_rows])
