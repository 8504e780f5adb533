"""Every figure of an answer is traced to a tool result, or marked."""

import time
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.services.ai.figures import check_figures
from outcry.services.ai.numerals import find_numerals
from outcry.services.chat.contracts import Source

RSI = Source(
    id="s1",
    tool="indicator",
    title="RSI (14) of AAPL",
    arguments={"symbol": "AAPL", "name": "rsi", "parameters": {"period": 14}, "timeframe": "1d"},
    result={
        "symbol": "AAPL",
        "name": "Apple Inc.",
        "parameters": {"period": 14},
        "date": "2017-09-01",
        "close": 164.05,
        "values": {"rsi": 64.76214},
        "overbought_above": 70,
        "oversold_below": 30,
        "rows": [
            {"date": "2017-08-31", "close": 164.0, "rsi": 64.6},
            {"date": "2017-09-01", "close": 164.05, "rsi": 64.76214},
        ],
    },
)
COMPARE = Source(
    id="s2",
    tool="compare",
    title="AAPL and MSFT, this year",
    arguments={"symbols": ["AAPL", "MSFT"], "period": "this year"},
    result={
        "period": "this year",
        "to_date": "2017-09-01",
        "items": [
            {
                "symbol": "AAPL",
                "name": "Apple Inc.",
                "from_date": "2016-12-30",
                "from_close": 115.82,
                "to_close": 164.05,
                "change_percent": 41.6422,
                "max_drawdown_percent": -8.9051,
                "bars": 168,
            },
            {
                "symbol": "MSFT",
                "name": "Microsoft Corporation",
                "from_date": "2016-12-30",
                "from_close": 62.14,
                "to_close": 73.94,
                "change_percent": 18.9894,
                "max_drawdown_percent": -4.321,
                "bars": 168,
            },
        ],
        "difference_percentage_points": 22.6528,
    },
)
SPX = Source(
    id="s3",
    tool="quote",
    title="Newest price",
    arguments={"symbols": ["SPX"]},
    result={"quotes": [{"symbol": "SPX", "name": "S&P 500 Index", "price": 4783.35, "volume": 1234567890.0,
                        "change": -12.5, "change_percent": -0.2607, "date": "2022-01-04"}]},
)  # fmt: skip
ALL = (RSI, COMPARE, SPX)


def verdicts(text: str, sources: tuple[Source, ...] = ALL) -> dict[str, str | None]:
    """Return each figure of a text with where it was found."""
    return {
        text[figure.start : figure.end]: None if figure.path is None else f"{figure.source_id}:{figure.path}"
        for figure in check_figures(text, sources)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The 14-day RSI of AAPL is 64.76.", {"14": "s1:/parameters/period", "64.76": "s1:/values/rsi"}),
        ("RSI: **64.8**", {"64.8": "s1:/values/rsi"}),
        ("RSI is 65", {"65": "s1:/values/rsi"}),
        ("RSI is 64.77", {"64.77": None}),
        ("RSI is 64", {"64": None}),
        ("AAPL rose 41.64%", {"41.64%": "s2:/items/0/change_percent"}),
        ("MSFT rose 18.99 percent", {"18.99 percent": "s2:/items/1/change_percent"}),
        ("+41.6%", {"+41.6%": "s2:/items/0/change_percent"}),
        ("−41.6%", {"−41.6%": None}),
        ("AAPL fell 41.64%", {"41.64%": None}),
        ("SPX fell 0.26%", {"0.26%": "s3:/quotes/0/change_percent"}),
        ("SPX rose 0.26%", {"0.26%": None}),
        ("SPX: -0.26%", {"-0.26%": "s3:/quotes/0/change_percent"}),
        ("a drawdown of 8.9%", {"8.9%": "s2:/items/0/max_drawdown_percent"}),
        ("ahead by 22.65 percentage points", {"22.65 percentage points": "s2:/difference_percentage_points"}),
        ("closed at $164.05", {"$164.05": "s1:/close"}),
        ("RSI of $64.76", {"$64.76": "s1:/values/rsi"}),
        ("up $41.64", {"$41.64": None}),
        ("164.05%", {"164.05%": None}),
        ("The S&P 500 stood at 4,783.35", {"500": "s3:/quotes/0/name", "4,783.35": "s3:/quotes/0/price"}),
        ("The index of 500 companies", {"500": None}),
        ("1.23 billion shares, 1.2B, 1,235M", dict.fromkeys(["1.23 billion", "1.2B", "1,235M"], "s3:/quotes/0/volume")),
        ("2017-09-01, 1 September 2017", dict.fromkeys(["2017-09-01", "1 September 2017"], "s1:/date")),
        ("on Sep 1, 2017", {"Sep 1, 2017": "s1:/date"}),
        ("since 30 December", {"30 December": "s2:/items/0/from_date"}),
        ("on 2 September 2017", {"2 September 2017": None}),
        ("in September 2017", {"September 2017": "s1:/date"}),
        ("in 2017 and in 2014", {"2017": "s1:/date", "2014": None}),
        ("It closed at 2017.", {"2017": None}),
        ("1. first 64.76\n2. second", {"64.76": "s1:/values/rsi"}),
        ("42. is the answer", {"42": None}),
        ("```\n99.9\n```", {"99.9": None}),
        ("fell twelve percent", {"twelve percent": None}),
        ("½ of it, RSI²", {"½": None, "²": None}),
        ("Q3 earnings of 1.5e3", {"3": None, "1.5e3": None}),
        ("٤٢ and 4２", {"٤٢": None, "4２": None}),
    ],
)  # fmt: skip
def test_figures(text: str, expected: dict[str, str | None]) -> None:
    assert verdicts(text) == expected


def test_tables_take_the_instrument_of_their_column() -> None:
    source = Source(id="s1", tool="compare", title="", arguments={}, result={"items": [
        {"symbol": "AAPL", "close": 50.25}, {"symbol": "MSFT", "close": 50.25}]})  # fmt: skip
    text = "| | AAPL | MSFT |\n|---|---:|---:|\n| Close | 50.25 | 50.25 |\n"
    assert [figure.path for figure in check_figures(text, (source,))] == ["/items/0/close", "/items/1/close"]


def test_positions_are_code_points() -> None:
    text = "🚀 “RSI” 64.76"
    (figure,) = check_figures(text, (RSI,))
    assert text[figure.start : figure.end] == "64.76"


def test_what_the_question_said_counts_for_nothing() -> None:
    query, nothing = {"query": "5000 gold"}, {"query": "5000 gold", "count": 0, "instruments": []}
    asked = Source(id="s1", tool="search_instruments", title="", arguments=query, result=nothing)
    period, sentence = {"period": "999 sessions"}, {"error": "“gold at 5000” is not a period I can read."}
    failed = Source(id="s2", tool="performance", title="", arguments=period, result=sentence)
    assert set(verdicts("gold at 5000, 999 sessions", (asked, failed)).values()) == {None}


def test_without_sources_nothing_is_verified() -> None:
    assert set(verdicts("RSI 64.76 on 2017-09-01, +3%, 14", ()).values()) == {None}


def _values(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _values(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in _values(inner)]
    return [float(value)] if isinstance(value, int | float) else []


@given(st.decimals(min_value=0, max_value=10**7, places=2), st.sampled_from(["", "%", " percent", " shares"]))
def test_any_number_that_no_result_contains_is_marked(number: Decimal, unit: str) -> None:
    held = [abs(value) for source in (RSI, COMPARE) for value in _values(source.result)]
    if any(abs(Decimal(str(value)) - number) <= Decimal("0.005") for value in held):
        return
    text = f"The value is {number:,}{unit}."
    (figure,) = check_figures(text, (RSI, COMPARE))
    assert not figure.verified
    assert text[figure.start : figure.end].startswith(f"{number:,}")


@given(st.floats(min_value=10, max_value=1e7), st.integers(0, 4))
def test_any_rounding_of_a_value_is_recognised(value: float, decimals: int) -> None:
    source = Source(id="s1", tool="quote", title="", arguments={}, result={"symbol": "X", "price": value})
    shown = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    (figure,) = check_figures(f"At {shown:,} it closed", (source,))
    assert (figure.source_id, figure.path) == ("s1", "/price")


@given(st.text(max_size=200))
def test_any_text_is_read_and_every_digit_is_inside_a_figure(text: str) -> None:
    numerals = find_numerals(text)
    for earlier, later in pairwise(numerals):
        assert earlier.end <= later.start
    assert check_figures(text, ALL) is not None


@given(st.text(alphabet="0123456789.,-+%$ eKM|\n#*(—", max_size=80))
def test_no_digit_escapes(text: str) -> None:
    covered = {at for numeral in find_numerals(text) for at in range(numeral.start, numeral.end)}
    outside = [at for at, letter in enumerate(text) if letter.isdigit() and at not in covered]
    lines = [text.rfind("\n", 0, at) + 1 for at in outside]
    assert all(text[start:at].strip(" \t>0123456789") == "" for start, at in zip(lines, outside, strict=True))


def test_a_long_answer_is_checked_in_milliseconds() -> None:
    text = "AAPL rose 41.64% to 164.05 on 2017-09-01, MSFT 18.99%. " * 200
    started = time.perf_counter()
    figures = check_figures(text, ALL)
    assert len(figures) == 800
    assert all(figure.verified for figure in figures)
    assert time.perf_counter() - started < 1.0
