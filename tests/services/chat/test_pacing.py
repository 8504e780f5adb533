"""Acts that are asked for often and done seldom."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from outcry.services.chat.pacing import JointPacing, Pacing

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)


async def test_the_first_is_at_once_and_a_burst_is_one_more() -> None:
    done: list[UUID] = []
    gate = asyncio.Event()

    async def act(thing: UUID) -> None:
        done.append(thing)
        await gate.wait()

    pacing = Pacing(act, every_s=0)
    pacing.ask(ONE)
    await asyncio.sleep(0)
    assert done == [ONE]
    for _ in range(100):
        pacing.ask(ONE)
    pacing.ask(TWO)
    await asyncio.sleep(0)
    assert done == [ONE, TWO]
    gate.set()
    await pacing.settle()
    assert done == [ONE, TWO, ONE]


async def test_an_act_that_fails_does_not_end_the_pace() -> None:
    tries: list[UUID] = []

    async def act(thing: UUID) -> None:
        tries.append(thing)
        if len(tries) == 1:
            pacing.ask(thing)
            raise OSError("gone for a moment")

    pacing = Pacing(act, every_s=0)
    pacing.ask(ONE)
    await pacing.settle()
    assert tries == [ONE, ONE]


async def test_stopping_finishes_what_is_being_done_and_does_no_more() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def act(_: UUID) -> None:
        done.append("begun")
        await gate.wait()
        done.append("finished")

    pacing = Pacing(act, every_s=3_600)
    pacing.ask(ONE)
    await asyncio.sleep(0)
    pacing.ask(ONE)
    stopping = asyncio.create_task(pacing.stop())
    await asyncio.sleep(0)
    gate.set()
    await stopping
    pacing.ask(TWO)
    await pacing.settle()
    assert done == ["begun", "finished"]


async def test_stopping_does_not_wait_for_the_rest_between_two_acts() -> None:
    done: list[UUID] = []
    acted = asyncio.Event()

    async def act(thing: UUID) -> None:
        done.append(thing)
        acted.set()

    pacing = Pacing(act, every_s=3_600)
    pacing.ask(ONE)
    await acted.wait()
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await pacing.stop()
    assert done == [ONE]


async def test_joint_acts_come_one_after_the_other_each_for_all_that_are_due() -> None:
    under_way: list[int] = []
    done: list[list[UUID]] = []

    async def act(things: Sequence[UUID]) -> None:
        under_way.append(1)
        assert len(under_way) == 1
        if not done:
            # While the first is under way both others become due, and the first again.
            for thing in (TWO, THREE, ONE):
                pacing.ask(thing)
        await asyncio.sleep(0.001)
        under_way.pop()
        done.append(list(things))

    pacing = JointPacing(act, every_s=0, apart_s=0.001)
    pacing.ask(ONE)
    await pacing.settle()
    assert done[0] == [ONE]
    assert sorted(done[1]) == sorted([TWO, THREE])
    assert done[2:] == [[ONE]]


async def test_a_joint_act_that_fails_keeps_nothing_from_its_next() -> None:
    done: list[list[UUID]] = []

    async def act(things: Sequence[UUID]) -> None:
        done.append(sorted(things))
        if len(done) == 1:
            raise RuntimeError("the database is away")

    pacing = JointPacing(act, every_s=0, apart_s=0.0)
    for thing in (ONE, TWO):
        pacing.ask(thing)
    await pacing.settle()
    for thing in (ONE, TWO):
        pacing.ask(thing)
    await pacing.settle()
    assert {thing for things in done[1:] for thing in things} == {ONE, TWO}
