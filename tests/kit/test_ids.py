"""Ids: the layout of RFC 9562, their order, and that no two are alike."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

from outcry.kit.ids import new_id


def test_layout_is_uuid_version_7() -> None:
    for made in (new_id() for _ in range(1000)):
        assert made.version == 7
        assert made.variant == RFC_4122


def test_first_48_bits_are_unix_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    # The counter may have carried into the next millisecond, never further.
    assert before <= made.int >> 80 <= after + 1


def test_ids_made_one_after_the_other_sort_in_that_order() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert [str(one) for one in made] == sorted(str(one) for one in made)
    assert len(set(made)) == len(made)


def test_ids_are_unique_and_increasing_within_each_of_many_threads() -> None:
    def many(_: int) -> list[UUID]:
        return [new_id() for _ in range(2_000)]

    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(many, range(8)))
    assert all(batch == sorted(batch) for batch in batches)
    assert len({one for batch in batches for one in batch}) == 16_000


def test_random_bits_differ_between_milliseconds() -> None:
    tails: set[int] = set()
    milliseconds: set[int] = set()
    while len(milliseconds) < 5:
        made = new_id()
        if made.int >> 80 not in milliseconds:
            milliseconds.add(made.int >> 80)
            tails.add(made.int & ((1 << 62) - 1))
    assert len(tails) == len(milliseconds)
