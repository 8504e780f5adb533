"""Who asks while a reading is under way shares the next, and never gets what was read before they asked."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from outcry.kit.joint_reads import JointReads


class Store:
    """Something to read from, slowly: each reading takes its values when it begins, and ends when it is let."""

    def __init__(self) -> None:
        self.values = {"a": 1, "b": 2}
        self.readings: list[list[str]] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def read(self, keys: Sequence[str]) -> Mapping[str, int]:
        found = {key: self.values[key] for key in keys if key in self.values}
        self.readings.append(list(keys))
        self.begun.set()
        await self.go_on.wait()
        if self.error:
            raise self.error
        return found


async def test_who_come_together_share_a_reading_and_who_come_later_the_next() -> None:
    store = Store()
    reads = JointReads(store.read)
    first = [asyncio.create_task(reads.find(key)) for key in ("a", "b", "a", "c")]
    await store.begun.wait()
    # What changes now, the first may not see; who asks from now on must.
    store.values["a"] = 10
    later = [asyncio.create_task(reads.find(key)) for key in ("a", "b")]
    await asyncio.sleep(0)
    store.go_on.set()
    assert await asyncio.gather(*first) == [1, 2, 1, None]
    assert await asyncio.gather(*later) == [10, 2]
    assert store.readings == [["a", "b", "c"], ["a", "b"]]


async def test_many_are_read_in_parts() -> None:
    store = Store()
    store.go_on.set()
    store.values = {str(number): number for number in range(7)}
    reads = JointReads(store.read, most=3)
    assert await asyncio.gather(*(reads.find(str(number)) for number in range(7))) == list(range(7))
    assert [len(keys) for keys in store.readings] == [3, 3, 1]


async def test_an_error_is_for_those_who_share_the_reading_alone() -> None:
    store = Store()
    reads = JointReads(store.read)
    store.go_on.set()
    store.error = LookupError("gone")
    for outcome in await asyncio.gather(reads.find("a"), reads.find("b"), return_exceptions=True):
        assert isinstance(outcome, LookupError)
    store.error = None
    assert await reads.find("a") == 1


async def test_one_who_gives_up_ends_it_for_nobody_else() -> None:
    store = Store()
    reads = JointReads(store.read)
    gone, stays = (asyncio.create_task(reads.find("a")) for _ in range(2))
    await store.begun.wait()
    gone.cancel()
    store.go_on.set()
    assert await stays == 1
    with pytest.raises(asyncio.CancelledError):
        await gone
