"""The outbox: what is in it survives its process, also one that ends in the middle of a line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.client.outbox import Draft, Outbox
from outcry.client.waits import wait_before


def draft(number: int) -> Draft:
    return Draft(room_id="room", text=f"text\n{number}", client_id=f"client-{number}")


@settings(deadline=None)  # it waits for the disk
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=20), st.integers(0, 20))
def test_what_was_not_taken_off_is_there_after_any_end(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[bool, int]], cut: int
) -> None:
    path, kept = tmp_path_factory.mktemp("outbox") / "outbox", list[str]()
    with Outbox(path) as outbox:
        for put, number in acts:
            if put and draft(number).client_id not in kept:
                outbox.put(draft(number))
                kept.append(draft(number).client_id)
            elif not put and draft(number).client_id in kept:
                outbox.take_off(draft(number).client_id)
                kept.remove(draft(number).client_id)
    # A line that was being written when the process ended.
    with path.open("a") as file:
        file.write('{"put": {"room_id": '[:cut])
    for _ in range(2):
        with Outbox(path) as outbox:
            assert [each.client_id for each in outbox] == kept


def test_a_file_that_is_no_outbox_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("Dear all,\nnothing is here.\n")
    with pytest.raises(ValueError, match="Expecting value"):
        Outbox(path)
    assert path.read_text().startswith("Dear all")


def test_without_a_file_it_is_in_memory() -> None:
    outbox = Outbox()
    outbox.put(draft(1))
    outbox.take_off(draft(1).client_id)
    assert list(outbox) == []


def test_waits_grow_to_half_a_minute_and_are_spread_over_all_of_it() -> None:
    assert [wait_before(attempt, lambda: 1.0) for attempt in (0, 1, 3, 50)] == [0.5, 1.0, 4.0, 30.0]
    assert wait_before(50, lambda: 0.0) == 0.0
