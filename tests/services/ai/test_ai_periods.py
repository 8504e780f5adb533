"""Periods are read as people say them and counted from the newest bar."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.services.ai.periods import Period, PeriodError, parse_day, parse_period

NEWEST = date(2017, 9, 1)


def days(text: str, newest: date = NEWEST) -> tuple[date | None, date | None, date | None]:
    period = parse_period(text, newest=newest)
    return period.base, period.first, period.last


@pytest.mark.parametrize(
    "text", ["this year", "YTD", "year to date", "This year?", "in the current year", "year-to-date"]
)
def test_this_year_starts_at_the_last_close_of_the_year_before(text: str) -> None:
    assert days(text) == (date(2016, 12, 31), date(2017, 1, 1), None)


@pytest.mark.parametrize(
    ("text", "base", "first", "last"),
    [
        ("last month", date(2017, 8, 1), date(2017, 8, 2), None),
        ("the last month", date(2017, 8, 1), date(2017, 8, 2), None),
        ("previous month", date(2017, 7, 31), date(2017, 8, 1), date(2017, 8, 31)),
        ("last 30 days", date(2017, 8, 2), date(2017, 8, 3), None),
        ("over the past 3 months", date(2017, 6, 1), date(2017, 6, 2), None),
        ("past three months", date(2017, 6, 1), date(2017, 6, 2), None),
        ("6m", date(2017, 3, 1), date(2017, 3, 2), None),
        ("1y", date(2016, 9, 1), date(2016, 9, 2), None),
        ("the past year", date(2016, 9, 1), date(2016, 9, 2), None),
        ("last year", date(2015, 12, 31), date(2016, 1, 1), date(2016, 12, 31)),
        ("last quarter", date(2017, 3, 31), date(2017, 4, 1), date(2017, 6, 30)),
        ("this quarter", date(2017, 6, 30), date(2017, 7, 1), None),
        ("this month", date(2017, 8, 31), date(2017, 9, 1), None),
        ("this week", date(2017, 8, 27), date(2017, 8, 28), None),
        ("2016", date(2015, 12, 31), date(2016, 1, 1), date(2016, 12, 31)),
        ("in March 2017", date(2017, 2, 28), date(2017, 3, 1), date(2017, 3, 31)),
        ("March", date(2017, 2, 28), date(2017, 3, 1), date(2017, 3, 31)),
        ("in November", date(2016, 10, 31), date(2016, 11, 1), date(2016, 11, 30)),
        ("Q3 2016", date(2016, 6, 30), date(2016, 7, 1), date(2016, 9, 30)),
        ("first half of 2016", date(2015, 12, 31), date(2016, 1, 1), date(2016, 6, 30)),
        ("since 2015", date(2014, 12, 31), date(2015, 1, 1), None),
        ("since 2015-03-02", date(2015, 3, 2), date(2015, 3, 2), None),
        ("since March 2015", date(2015, 2, 28), date(2015, 3, 1), None),
        ("from 2014-01-02 to 2015-03-01", date(2014, 1, 2), date(2014, 1, 2), date(2015, 3, 1)),
        ("between 2 January 2014 and March 1, 2015", date(2014, 1, 2), date(2014, 1, 2), date(2015, 3, 1)),
        ("from 2013 to 2015", date(2012, 12, 31), date(2013, 1, 1), date(2015, 12, 31)),
        ("2014-01-02..2015-03-01", date(2014, 1, 2), date(2014, 1, 2), date(2015, 3, 1)),
        ("2016-05", date(2016, 4, 30), date(2016, 5, 1), date(2016, 5, 31)),
        ("on 2016-05-02", date(2016, 5, 1), date(2016, 5, 2), date(2016, 5, 2)),
        ("all time", None, None, None),
    ],
)
def test_phrases(text: str, base: date | None, first: date | None, last: date | None) -> None:
    assert days(text) == (base, first, last)


def test_sessions_are_counted_in_bars() -> None:
    assert parse_period("last 5 trading days", newest=NEWEST) == Period(label="the last 5 sessions", sessions=5)
    assert parse_period("yesterday", newest=NEWEST).skip == 1


def test_a_month_back_from_a_long_month_ends_on_the_last_day_of_the_short_one() -> None:
    assert days("last month", date(2016, 3, 31))[0] == date(2016, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "next year",
        "2015-02-30",
        "from 2016-05-01 to 2016-04-01",
        "2019",
        "last 0 days",
        "purple",
        "05/02/2016",
        "since the flood",
    ],
)
def test_what_is_no_period_gets_a_sentence(text: str) -> None:
    with pytest.raises(PeriodError, match=r"\.$"):
        parse_period(text, newest=NEWEST)


def test_days() -> None:
    assert parse_day("2016-05-02", newest=NEWEST) == date(2016, 5, 2)
    assert parse_day("March 2017", newest=NEWEST) == date(2017, 3, 31)
    with pytest.raises(PeriodError):
        parse_day("whenever", newest=NEWEST)


@given(st.text(max_size=60))
def test_any_text_is_a_period_or_a_sentence(text: str) -> None:
    sentence = ""
    try:
        sentence = parse_period(text, newest=NEWEST).label
    except PeriodError as error:
        sentence = str(error)
    assert sentence


@given(st.integers(1, 99_999), st.sampled_from(["days", "weeks", "months", "years", "sessions", "decades"]))
def test_any_count_is_a_period_or_a_sentence(count: int, unit: str) -> None:
    try:
        period = parse_period(f"last {count} {unit}", newest=NEWEST)
    except PeriodError:
        assert count > 100
    else:
        assert period.sessions == count or (period.base is not None and period.base < NEWEST)
