"""Work that is done again and again."""

import asyncio

import pytest

from outcry.kit.rounds import Rounds


async def test_a_round_that_fails_is_told_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    begun, third = 0, asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun == 3:
            third.set()
        raise ValueError("not now")

    rounds = Rounds(work, name="sweeping", rest_s=0)
    rounds.start()
    async with asyncio.timeout(5):
        await third.wait()
    await rounds.stop()
    ended = begun
    await asyncio.sleep(0)
    assert begun == ended
    assert "a round of sweeping failed" in caplog.text


async def test_stopping_interrupts_the_round_that_is_under_way() -> None:
    begun, interrupted = asyncio.Event(), False

    async def work() -> None:
        nonlocal interrupted
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            interrupted = True
            raise

    rounds = Rounds(work, name="sweeping", rest_s=0)
    rounds.start()
    async with asyncio.timeout(5):
        await begun.wait()
        await rounds.stop()
    assert interrupted
    # Stopped twice, or before it began, is harmless; and it can begin again.
    await rounds.stop()
    begun.clear()
    rounds.start()
    async with asyncio.timeout(5):
        await begun.wait()
    await rounds.stop()


async def test_a_rest_may_come_first() -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    rounds = Rounds(work, name="sweeping", rest_s=3_600, rest_first=True)
    rounds.start()
    for _ in range(3):
        await asyncio.sleep(0)
    assert done == []
    await rounds.stop()
