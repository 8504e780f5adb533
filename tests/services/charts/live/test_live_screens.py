"""What those who look see: the newest state, at most so often, and nothing to nobody."""

import asyncio
import json
from uuid import uuid4

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.market import Timeframe
from outcry.ports.realtime import Update
from outcry.services.charts.live.screens import QUOTE, Screens, Shown, topic_of

ME = uuid4()


async def test_what_changes_in_between_is_in_the_next_state() -> None:
    realtime, seen = MemoryRealtime(), list[int]()
    count = [0]
    screens = Screens(realtime, lambda symbol, shown: {"count": count[0]}, every_s=0.02)
    screens.expect(ME, "A")

    def sink(update: Update) -> None:
        seen.append(json.loads(update.data)["count"])

    await realtime.follow_latest(topic_of(ME, "A"), sink)
    running = asyncio.create_task(screens.run())
    async with asyncio.timeout(10):
        while count[0] < 20_000 or seen[-1] < 20_000:
            if count[0] < 20_000:
                count[0] += 1
                screens.touch("A")
            if count[0] % 100 == 0:
                await asyncio.sleep(0)
    running.cancel()
    assert seen[0] <= 100
    assert seen == sorted(set(seen))
    assert len(seen) < 200


async def test_each_organisation_and_each_timeframe_has_its_topic() -> None:
    realtime, heard = MemoryRealtime(), dict[str, list[str]]()
    other = uuid4()
    screens = Screens(realtime, lambda symbol, shown: {"of": f"{symbol} {shown.timeframe or 'quote'}"})

    def listen(topic: str) -> None:
        heard[topic] = []

    for tenant, shown in ((ME, QUOTE), (ME, Shown(timeframe=Timeframe.H1)), (other, QUOTE)):
        topic = topic_of(tenant, "A", shown)
        screens.expect(tenant, "A", shown)
        listen(topic)
        await realtime.follow_latest(topic, lambda update: heard[update.topic].append(json.loads(update.data)["of"]))
    screens.expect(other, "B")
    # Who came gets the present state; nothing is made for who does not listen.
    await screens.look()
    screens.touch("A")
    screens.touch("B")
    await screens.show()
    assert heard == {
        f"quotes:{ME}:A": ["A quote"] * 2,
        f"bars:{ME}:A:1h": ["A 1h"] * 2,
        f"quotes:{other}:A": ["A quote"] * 2,
    }


async def test_who_left_is_forgotten() -> None:
    realtime = MemoryRealtime()
    screens = Screens(realtime, lambda symbol, shown: None)
    screens.expect(ME, "A")
    following = await realtime.follow_latest(topic_of(ME, "A"), lambda update: None)
    for _ in range(100):
        await screens.look()
    assert len(screens.followed) == 1
    following.cancel()
    for _ in range(50):
        await screens.look()
    assert not screens.followed
