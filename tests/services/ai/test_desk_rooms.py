"""The desk understands what is asked of the room, and leaves the rest to the market."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.models.desk.rooms import read_room_question
from outcry.services.ai.duties.schedule import read_schedule

ALL = [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("what did we say about KO?", "KO"),
        ("What have we decided on the KO hedge last week?", "KO hedge"),
        ("who mentioned $BRK-A", "$BRK-A"),
        ("who said hold", "hold"),
        ("When was the dividend discussed?", None),
        ("when did we discuss the dividend", "dividend"),
        ("did anybody mention xylophones", "xylophones"),
        ("find messages about the Fed's minutes", "Fed's minutes"),
        ("what did we say?", None),
        ("what did AAPL do in 2016?", None),
        ("What did KO close at?", None),
    ],
)
def test_what_was_said_is_looked_for_by_its_words(text: str, query: str | None) -> None:
    asked = read_room_question(text)
    assert (asked.arguments if asked else None) == (None if query is None else {"query": query})


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("summarise this room", 24),
        ("Please summarize the discussion of the last 3 days", 72),
        ("give me a summary of this conversation of the last 2 hours", 2),
        ("catch me up", 24),
        ("what did I miss this week?", 168),
        ("recap this room of the last 999 weeks", 744),
    ],
)
def test_a_summary_reaches_back_as_far_as_asked(text: str, hours: int) -> None:
    asked = read_room_question(text)
    assert asked is not None
    assert (asked.tool, asked.arguments) == ("summarise_room", {"hours": hours})


@pytest.mark.parametrize(
    ("text", "days", "at", "quiet"),
    [
        ("every day at 17:00", ALL, "17:00", False),
        ("daily at 5 pm", ALL, "17:00", False),
        ("every weekday at 8.30", [1, 2, 3, 4, 5], "08:30", False),
        ("on Mondays and Fridays at 12 am", [1, 5], "00:00", False),
        ("each Wednesday at 12:15 p.m.", [3], "12:15", False),
        ("every day at 9 only if there is something new", ALL, "09:00", True),
    ],
)
def test_a_duty_is_read_of_words(text: str, days: list[int], at: str, quiet: bool) -> None:
    asked = read_room_question(f"summarise this room {text}")
    assert asked is not None
    assert (asked.tool, asked.arguments) == ("propose_duty", {"days": days, "at": at, "only_when_new": quiet})


@pytest.mark.parametrize("when", ["every day", "daily at 25:00", "every day at 10:99", "every day at 13 pm"])
def test_a_duty_without_a_time_is_asked_back(when: str) -> None:
    asked = read_room_question(f"summarise this room {when}")
    assert asked is not None
    assert (asked.arguments, "at what time" in asked.answer) == ({}, True)


@pytest.mark.parametrize(
    "text", ["summarise AAPL over 2016", "yes, AAPL", "RSI of KO", "every day at 17:00", "hello", ""]
)
def test_what_is_about_the_market_or_nothing_is_no_question_to_the_room(text: str) -> None:
    assert read_room_question(text) is None


@given(st.text(max_size=200))
def test_any_words_are_read_and_a_proposal_is_always_a_schedule(text: str) -> None:
    read_room_question(text)
    asked = read_room_question(f"summarise this room every {text}")
    arguments: dict[str, Any] = asked.arguments if asked and asked.tool == "propose_duty" else {}
    if arguments:
        read_schedule(arguments["days"], arguments["at"], "UTC")
