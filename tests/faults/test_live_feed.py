"""A market that is cut, freezes, repeats itself, and a process that is killed: the bars are those of a quiet run."""

import asyncio
import itertools
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.kit.clock import SystemClock
from outcry.kit.market import Timeframe, from_micros
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.series import end_of
from tests.adapters_support.binance_server import BinanceServer
from tests.adapters_support.market_server import Candle, Deal
from tests.running import ROOT

pytestmark = pytest.mark.fault

ROUNDS = int(os.environ.get("OUTCRY_KILL_ROUNDS", "1"))

START = datetime(2026, 1, 5, tzinfo=UTC)
MINUTES, DEALS = 70, 450
# What is compared: the minutes of the tape, and longer bars that ended with them.
END = START + timedelta(minutes=MINUTES)
PACE_S = 0.003


def make_tape(seed: int) -> list[tuple[datetime, float, float]]:
    """Return a market's trades in the order in which they are told: mostly by time, some up to a second late."""
    chance = random.Random(seed)
    times = sorted(chance.sample(range(1000, MINUTES * 60_000), DEALS))
    prices, price = [], 100.0
    for _ in times:
        price = max(1.0, price + chance.choice([-0.5, -0.25, 0.25, 0.5]))
        prices.append(price)
    deals = [
        (START + timedelta(milliseconds=time), price, chance.randrange(1, 40) / 4)
        for time, price in zip(times, prices, strict=True)
    ]
    return sorted(deals, key=lambda deal: deal[0] + timedelta(seconds=chance.choice([0, 0, 0, 1])))


@dataclass
class Market:
    """A market on this machine and the program that follows it."""

    folder: Path
    server: BinanceServer
    process: asyncio.subprocess.Process | None = None
    output: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Start the program, and wait until it listens."""
        self.server.subscribed.clear()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.live_market",
            str(self.folder),
            self.server.url,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            await self.server.subscribed.wait()
        self.server.subscribed.clear()

    async def kill(self) -> None:
        """End the program as a power cut would."""
        assert self.process
        self.process.kill()
        await self.process.wait()
        self.server.sockets.clear()

    async def stop(self) -> str:
        """End the program as an operator would; return what it said."""
        assert self.process
        self.process.terminate()
        said, _ = await self.process.communicate()
        return said.decode()

    async def tell(self, deals: list[tuple[datetime, float, float]]) -> list[Deal]:
        """Make these deals, one after the other."""
        made = []
        for time, price, size in deals:
            made.append(await self.server.deal("BTC/USDT", time, price, size))
            await asyncio.sleep(PACE_S)
        return made

    async def begin(self, tape: list[tuple[datetime, float, float]]) -> int:
        """Tell of the tape until the program tells a bar, and return how much: killed before, it would begin anew."""
        for count, deal in enumerate(tape):
            if await self._told():
                return count
            await self.tell([deal])
            await asyncio.sleep(0.02)
        raise AssertionError("no bar was told")

    async def until_settled(self) -> None:
        """Let the market go on, a trade a minute, until a minute after the tape is told, and so all before it."""
        time = END
        async with asyncio.timeout(30):
            while all(_ended(bar) for bar in await self._told()):
                time += timedelta(minutes=1)
                await self.server.deal("BTC/USDT", time, 100.0)
                await asyncio.sleep(0.1)

    def expected(self) -> list[Candle]:
        """Return the market's own bars."""
        return self.server.candles("BTC/USDT", START, END)

    async def told(self) -> list[dict[str, Any]]:
        """Return what was told of bars that ended by the end of the tape, in order."""
        return [bar for bar in await self._told() if _ended(bar)]

    async def _told(self) -> list[dict[str, Any]]:
        database = SqliteDatabase(self.folder / "charts.sqlite", clock=SystemClock())
        rows = await database.pending(after=0, limit=100_000)
        await database.close()
        return [envelope.data for _, envelope, _ in rows if envelope.name == "charts.bar_closed.v1"]

    async def bars(self) -> list[Candle]:
        """Return the stored minutes: the store of bars is the program's alone while it runs."""
        store = DuckdbTimeSeries(self.folder / "market.duckdb")
        bars = await store.read(SHARED_TENANT, "BTC-USDT", Timeframe.M1, end=END, limit=10_000)
        await store.close()
        columns = (bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)
        return [
            Candle(time=from_micros(time), open=first, high=high, low=low, close=close, volume=volume)
            for time, first, high, low, close, volume in zip(*(one.tolist() for one in columns), strict=True)
        ]


def _ended(data: dict[str, Any]) -> bool:
    return end_of(datetime.fromisoformat(data["time"]), Timeframe(data["timeframe"]), "UTC") <= END


def _is_said_once(told: list[dict[str, Any]]) -> bool:
    return len({(bar["timeframe"], bar["time"]) for bar in told}) == len(told)


@pytest.fixture
async def markets(tmp_path: Path) -> AsyncIterator[list[Market]]:
    made = []
    for name in ("quiet", "troubled"):
        (tmp_path / name).mkdir()
        made.append(Market(tmp_path / name, await BinanceServer().start()))
        made[-1].server.page = 1000
    yield made
    for one in made:
        if one.process and one.process.returncode is None:
            await one.kill()
        await one.server.stop()


async def run_quietly(market: Market, tape: list[tuple[datetime, float, float]]) -> None:
    await market.start()
    await market.tell(tape)
    await market.until_settled()
    await market.stop()


@pytest.mark.parametrize("round_number", range(ROUNDS))
async def test_killed_again_and_again_the_bars_are_those_of_a_quiet_run(
    markets: list[Market], round_number: int
) -> None:
    quiet, troubled = markets
    seed = random.randrange(1_000_000)
    tape = make_tape(seed)
    print("seed", seed)
    running = asyncio.create_task(run_quietly(quiet, tape))
    await troubled.start()
    begun = await troubled.begin(tape)
    cuts = sorted(random.Random(seed).sample(range(begun, DEALS), 3))
    await troubled.tell(tape[begun : cuts[0]])
    for begin, end in itertools.pairwise([*cuts, DEALS]):
        await troubled.kill()
        # While nobody listens the market goes on.
        back = min(end, begin + random.Random(seed + begin).randrange(0, 30))
        await troubled.tell(tape[begin:back])
        await troubled.start()
        await troubled.tell(tape[back:end])
    await troubled.until_settled()
    await troubled.stop()
    await running
    assert await quiet.bars() == quiet.expected()
    assert await troubled.bars() == await quiet.bars()
    assert await troubled.told() == await quiet.told()
    assert _is_said_once(await troubled.told())


@pytest.mark.long
async def test_cut_frozen_and_repeating_it_loses_and_doubles_nothing(markets: list[Market]) -> None:
    _, market = markets
    tape = make_tape(7)
    await market.start()
    told = await market.tell(tape[:100])
    await market.server.tell(*told[-25:])
    market.server.subscribed.clear()
    market.server.cut()
    await market.tell(tape[100:130])
    await market.server.until_followed()
    await market.tell(tape[130:225])
    market.server.subscribed.clear()
    market.server.silent = True
    await market.tell(tape[225:250])
    await market.server.until_followed()
    market.server.silent = False
    told = await market.tell(tape[250:400])
    await market.server.tell(*told[-50:])
    await market.tell(tape[400:])
    await market.until_settled()
    said = await market.stop()
    assert await market.bars() == market.expected()
    assert _is_said_once(await market.told())
    # Once, or more often where this machine was slow.
    assert "frozen=0" not in said
    assert "dropped=0" not in said


async def test_subscribed_only_minutes_after_it_connected_it_loses_nothing(markets: list[Market]) -> None:
    _, market = markets
    tape = make_tape(11)
    await market.start()
    await market.tell(tape[:100])
    for begin, late in ((100, 20), (250, 2)):
        # The connection is open again, and minutes end before anything that was asked for in it takes effect.
        market.server.heeds.clear()
        market.server.asked_for.clear()
        market.server.cut()
        await market.server.until_asked_for()
        await market.tell(tape[begin : begin + late])
        market.server.subscribed.clear()
        market.server.heeds.set()
        await market.server.until_followed()
        await market.tell(tape[begin + late : begin + 150])
    await market.tell(tape[400:])
    await market.until_settled()
    await market.stop()
    assert await market.bars() == market.expected()
    assert _is_said_once(await market.told())


@pytest.mark.long
async def test_cut_while_it_could_not_listen_it_loses_nothing(markets: list[Market]) -> None:
    _, market = markets
    tape = make_tape(7)
    await market.start()
    await market.tell(tape[:97])
    for begin, end in ((97, 250), (250, len(tape))):
        # The last trades and the end of the connection are there at once when it listens again.
        assert market.process
        market.process.send_signal(signal.SIGSTOP)
        await market.tell(tape[begin : begin + 7])
        market.server.subscribed.clear()
        market.server.cut()
        market.process.send_signal(signal.SIGCONT)
        await market.tell(tape[begin + 7 : begin + 20])
        await market.server.until_followed()
        await market.tell(tape[begin + 20 : end])
    await market.until_settled()
    await market.stop()
    assert await market.bars() == market.expected()
    assert _is_said_once(await market.told())
