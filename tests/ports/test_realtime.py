"""The Realtime port's conformance suite."""

import pytest

from outcry.adapters.realtime.memory import KEPT_UPDATES, MemoryRealtime
from outcry.ports.realtime import Position, Realtime, Update


@pytest.fixture(params=["memory"])
def realtime() -> Realtime:
    return MemoryRealtime()


async def test_a_follower_gets_all_in_order(realtime: Realtime) -> None:
    got: list[Update] = []
    start = await realtime.follow_log("room:1", None, got.append)
    for number in range(5):
        await realtime.append("room:1", str(number))
    assert [update.data for update in got] == ["0", "1", "2", "3", "4"]
    assert [update.offset for update in got] == [1, 2, 3, 4, 5]
    assert (start.reset, start.missed) == (False, ())


async def test_who_comes_back_gets_what_was_missed_once(realtime: Realtime) -> None:
    await realtime.append("room:1", "a")
    left = await realtime.position("room:1")
    await realtime.append("room:1", "b")
    await realtime.append("room:1", "c")
    got: list[Update] = []
    start = await realtime.follow_log("room:1", left, got.append)
    await realtime.append("room:1", "d")
    assert [update.data for update in start.missed] == ["b", "c"]
    assert start.position.offset == 3
    assert [update.data for update in got] == ["d"]


@pytest.mark.parametrize("after", [Position(epoch="another", offset=1), None])
async def test_another_epoch_is_reset_never_a_part(realtime: Realtime, after: Position | None) -> None:
    here = await realtime.append("room:1", "a")
    asked = after or Position(epoch=here.epoch, offset=here.offset + 5)
    start = await realtime.follow_log("room:1", asked, lambda update: None)
    assert start.reset
    assert start.missed == ()
    assert start.position == here


async def test_too_much_missed_is_reset(realtime: Realtime) -> None:
    left = await realtime.append("room:1", "first")
    for number in range(KEPT_UPDATES + 1):
        await realtime.append("room:1", str(number))
    start = await realtime.follow_log("room:1", left, lambda update: None)
    assert start.reset
    assert start.missed == ()


async def test_what_is_forgotten_comes_back_to_nobody(realtime: Realtime) -> None:
    left = await realtime.append("room:1", "first")
    await realtime.append("room:1", "secret")
    got: list[str] = []
    await realtime.follow_log("room:1", None, lambda update: got.append(update.data))
    await realtime.forget("room:1")
    await realtime.forget("room:2")
    here = await realtime.position("room:1")
    await realtime.append("room:1", "after")
    assert got == ["after"]
    back = await realtime.follow_log("room:1", left, lambda update: None)
    assert (back.reset, back.missed) == (True, ())
    stayed = await realtime.follow_log("room:1", here, lambda update: None)
    assert (stayed.reset, [update.data for update in stayed.missed]) == (False, ["after"])


async def test_latest_gives_the_present_state(realtime: Realtime) -> None:
    await realtime.set_latest("quotes:A", "1")
    got: list[str] = []
    first = await realtime.follow_latest("quotes:A", lambda update: got.append(update.data))
    assert [update.data for update in first.missed] == ["1"]
    await realtime.set_latest("quotes:A", "2")
    assert got == ["2"]


async def test_topics_do_not_hear_each_other_and_cancel_ends(realtime: Realtime) -> None:
    got: list[Update] = []
    start = await realtime.follow_log("room:1", None, got.append)
    await realtime.append("room:2", "other")
    assert realtime.listeners("room:1") == 1
    start.cancel()
    start.cancel()
    await realtime.append("room:1", "late")
    assert got == []
    assert realtime.listeners("room:1") == 0


async def test_idle_topics_are_dropped_and_come_back_as_new() -> None:
    realtime = MemoryRealtime(kept_topics=3)
    old = await realtime.append("room:0", "x")
    kept: list[Update] = []
    await realtime.follow_log("room:followed", None, kept.append)
    for number in range(1, 6):
        await realtime.append(f"room:{number}", "x")
    again = await realtime.follow_log("room:0", old, lambda update: None)
    assert again.reset
    await realtime.append("room:followed", "still here")
    assert [update.data for update in kept] == ["still here"]
