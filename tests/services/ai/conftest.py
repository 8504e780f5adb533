"""The AI service over real databases, real charts on DuckDB and the real chat service."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.relay import OutboxRelay
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.event_bus.memory import MemoryEventBus
from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.adapters.models.openai import OpenaiModels
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.adapters.secrets.files import FilesSecrets
from outcry.adapters.text_search.tantivy import TantivyTextSearch
from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.kit.clock import FakeClock, SystemClock
from outcry.kit.ids import new_id
from outcry.kit.market import Bars, Timeframe, to_micros
from outcry.kit.module import Module
from outcry.kit.principal import Principal
from outcry.ports.realtime import Update
from outcry.ports.time_series import Batch
from outcry.services.ai import module as ai
from outcry.services.ai.agent import make_agent
from outcry.services.ai.answering import Answerer
from outcry.services.ai.duties import running
from outcry.services.ai.duties.running import DutyRunner
from outcry.services.ai.queries import AiQueries
from outcry.services.ai.settings import AiSettings
from outcry.services.auth.contracts import AuthFacade
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.contracts import SHARED_TENANT, Instrument
from outcry.services.charts.queries import ChartsQueries
from outcry.services.chat.audience.wiring import build_speech
from outcry.services.chat.changes import Changes
from outcry.services.chat.commands import ChatCommands
from outcry.services.chat.contracts import ChatFacade, Message, Recalled
from outcry.services.chat.courier import Courier
from outcry.services.chat.messages.commands import MessageCommands
from outcry.services.chat.messages.writing import NO_EXTRAS, Extras
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster
from outcry.services.chat.roster import Roster
from outcry.services.chat.search.indexer import Indexer
from outcry.services.chat.settings import ChatSettings
from tests.adapters_support.openai_server import OpenaiServer
from tests.conftest import SERVICES, OpenDatabase
from tests.services.people import Crowd, build_auth

DATA = Path(__file__).parent / "data" / "daily.csv"
NAMES = {
    "AAPL": ("Apple Inc.", "USD", ("Apple",)),
    "MSFT": ("Microsoft Corporation", "USD", ("Microsoft",)),
    "KO": ("The Coca-Cola Company", "USD", ("Coca-Cola", "Coke")),
    "BRK-A": ("Berkshire Hathaway Inc.", "USD", ("Berkshire",)),
    "SPX": ("S&P 500 Index", "", ("S&P 500", "SP500")),
}


def read_bars() -> dict[str, Bars]:
    """Return the recorded bars of the test data."""
    columns: dict[str, list[dict[str, str]]] = {}
    with DATA.open() as lines:
        for row in csv.DictReader(lines):
            columns.setdefault(row["symbol"], []).append(row)
    return {symbol: _to_bars(rows) for symbol, rows in columns.items()}


def _to_bars(rows: list[dict[str, str]]) -> Bars:
    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name] or "nan") for row in rows])

    times = [to_micros(datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)) for row in rows]
    return Bars(
        time=np.array(times, dtype=np.int64),
        open=column("open"),
        high=column("high"),
        low=column("low"),
        close=column("close"),
        volume=column("volume"),
        adjusted_close=column("adjusted"),
    )


class Anybody:
    """An audience that may see everything and has said nothing."""

    async def may(self, permission: str) -> bool:
        """Let everything be seen."""
        return True

    async def search(self, query: str, limit: int) -> Sequence[Recalled]:
        """Find nothing."""
        return ()

    async def since(self, moment: datetime, limit: int) -> Sequence[Message]:
        """Find nothing."""
        return ()


@dataclass(frozen=True)
class RealCharts:
    """The charts service with the test data in it, seen by an organisation."""

    charts: ChartsQueries
    tenant_id: UUID
    bars: dict[str, Bars]


@pytest.fixture(scope="session")
async def real_charts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealCharts]:
    """The real charts service on SQLite and DuckDB."""
    clock = SystemClock()
    database = SqliteDatabase(tmp_path_factory.mktemp("charts") / "charts.sqlite", clock=clock)
    await database.migrate(SERVICES / "charts" / "migrations")
    time_series = DuckdbTimeSeries(None)
    commands = ChartsCommands(database=database, time_series=time_series, clock=clock)
    bars = read_bars()
    instruments = [
        Instrument(
            symbol=symbol,
            name=name,
            kind="index" if symbol == "SPX" else "stock",
            exchange="",
            currency=currency,
            zone="America/New_York",
            aliases=aliases,
            series=(),
        )
        for symbol, (name, currency, aliases) in NAMES.items()
    ]
    batches = [Batch(symbol=symbol, timeframe=Timeframe.D1, bars=columns) for symbol, columns in bars.items()]
    await commands.import_bars(SHARED_TENANT, instruments, batches)
    queries = ChartsQueries(database=database, time_series=time_series, clock=clock)
    yield RealCharts(charts=queries, tenant_id=new_id(), bars=bars)
    await time_series.close()
    await database.close()


@dataclass
class Floor:
    """The AI service with everything that it works with, as one process has it; ``restart`` makes the next one."""

    databases: dict[str, RelationalDatabase]
    charts: ChartsQueries
    secrets: FilesSecrets
    clock: FakeClock
    models: OpenaiModels
    people: AuthFacade
    realtime: MemoryRealtime
    settings: AiSettings
    index: TantivyTextSearch
    commands: ChatCommands = field(init=False)
    editing: MessageCommands = field(init=False)
    chat: ChatFacade = field(init=False)
    indexer: Indexer = field(init=False)
    module: Module = field(init=False)
    relays: list[OutboxRelay] = field(default_factory=list)

    async def start(self) -> None:
        """Wire and start, as main does."""
        bus, database = MemoryEventBus(), self.databases["chat"]
        log = SqlMessageLog(database, clock=self.clock)
        changes = Changes(database=database, courier=Courier(self.realtime), log=log)
        names = Names(auth=self.people, clock=self.clock)
        settings = ChatSettings()
        poster = Poster(changes=changes, auth=self.people, names=names, clock=self.clock, settings=settings)
        speech = build_speech(
            database=database,
            changes=changes,
            names=names,
            poster=poster,
            auth=self.people,
            clock=self.clock,
            index=self.index,
        )
        self.chat = speech.facade
        self.indexer = Indexer(database=database, index=self.index)
        self.editing = MessageCommands(changes=changes, names=names, clock=self.clock, settings=settings)
        self.commands = ChatCommands(
            changes=changes,
            auth=self.people,
            names=names,
            roster=Roster(names=names, clock=self.clock, settings=settings),
            poster=poster,
            clock=self.clock,
        )
        self.module = ai.build(
            database=self.databases["ai"],
            auth=self.people,
            chat=self.chat,
            charts=self.charts,
            models=self.models,
            secrets=self.secrets,
            clock=self.clock,
            settings=self.settings,
        )
        for name, handler in self.module.handlers.items():
            bus.subscribe(name, group="ai", handler=handler)
        for name, handler in speech.handlers.items():
            bus.subscribe(name, group="chat", handler=handler)
        await self.module.start()
        self.relays = [OutboxRelay(database, bus)]
        for relay in self.relays:
            await relay.start()

    @property
    def runner(self) -> DutyRunner:
        """What does what is due, as another process beside the service would."""
        queries = AiQueries(database=self.databases["ai"], secrets=self.secrets)
        answerer = Answerer(
            agent=make_agent(),
            charts=self.charts,
            models=self.models,
            queries=queries,
            clock=self.clock,
            settings=self.settings,
        )
        return DutyRunner(
            database=self.databases["ai"], chat=self.chat, answerer=answerer, clock=self.clock, whole_answer_s=300.0
        )

    async def stop(self) -> None:
        """Stop, in the reverse order."""
        for relay in self.relays:
            await relay.stop()
        await self.module.stop()

    async def new_person(self, *scopes: str) -> Principal:
        """Make somebody in an organisation of their own."""
        crowd = Crowd(self.databases["auth"], self.secrets, self.clock)
        tenant_id = await crowd.new_organisation()
        person_id = await crowd.new_person("Ann", tenant_id, role="owner", email=f"{new_id().hex}@example.com")
        held = frozenset(scopes) | {"chat:room:create"}
        return Principal(user_id=person_id, tenant_id=tenant_id, role="owner", scopes=held, session_id=new_id())

    async def new_room(self, principal: Principal) -> UUID:
        """Make a conversation with the AI."""
        return (await self.commands.create_room(principal, title=None, kind="conversation")).id

    async def new_colleague(self, principal: Principal, name: str) -> Principal:
        """Make somebody in the organisation of somebody else."""
        crowd = Crowd(self.databases["auth"], self.secrets, self.clock)
        email = f"{new_id().hex}@example.com"
        person_id = await crowd.new_person(name, principal.tenant_id, role="member", email=email)
        scopes = frozenset({"chat:room:create", "chat:message:edit", "chat:message:remove"})
        return Principal(
            user_id=person_id, tenant_id=principal.tenant_id, role="member", scopes=scopes, session_id=new_id()
        )

    async def ask(self, principal: Principal, room_id: UUID, text: str, extras: Extras = NO_EXTRAS) -> Message:
        """Post a question."""
        return await self.commands.post(principal, room_id, text=text, client_id=new_id().hex, extras=extras)

    async def messages(self, principal: Principal, room_id: UUID) -> tuple[Message, ...]:
        """Return everything said in a room."""
        return await self.chat.recent_messages(
            tenant_id=principal.tenant_id, room_id=room_id, before=1_000_000, limit=100
        )

    async def wait(self, principal: Principal, room_id: UUID, until: Callable[[tuple[Message, ...]], bool]) -> Message:
        """Return the newest message of a room once all of its messages satisfy ``until``; looks at every update."""
        changed = asyncio.Event()

        def sink(update: Update) -> None:
            changed.set()

        subscribed = await self.realtime.follow_log(f"room:{room_id}", None, sink)
        try:
            async with asyncio.timeout(20):
                while True:
                    changed.clear()
                    messages = await self.messages(principal, room_id)
                    if messages and until(messages):
                        return messages[-1]
                    await changed.wait()
        finally:
            subscribed.cancel()

    async def reply(self, principal: Principal, room_id: UUID, text: str) -> Message:
        """Post a question and return its finished reply."""
        asked = await self.ask(principal, room_id, text)
        return await self.wait(
            principal,
            room_id,
            lambda all_: all_[-1].reply_to == asked.id and all_[-1].status not in ("streaming", "posted"),
        )


@pytest.fixture
async def floor(
    open_database: OpenDatabase,
    real_charts: RealCharts,
    fake_clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Floor]:
    """The AI service, started, over the real services on each database engine; it looks for duties as it starts."""
    monkeypatch.setattr(running, "PAUSE_S", 3600.0)
    databases = {name: await open_database(name) for name in ("auth", "chat", "ai")}
    secrets = FilesSecrets(tmp_path / "secrets", environment={})
    people = build_auth(databases["auth"], secrets, fake_clock, tmp_path).facade
    assert isinstance(people, AuthFacade)
    async with AsyncExitStack() as stack:
        models = OpenaiModels(connect_s=1.0, silence_s=5.0)
        stack.push_async_callback(models.close)
        floor = Floor(
            databases=databases,
            charts=real_charts.charts,
            secrets=secrets,
            clock=fake_clock,
            models=models,
            people=people,
            realtime=MemoryRealtime(),
            settings=AiSettings(first_token_s=1.0, stall_s=0.5, most_tries=2),
            index=TantivyTextSearch(tmp_path / "search"),
        )
        await floor.start()
        yield floor
        await floor.stop()
        await floor.index.close()


@pytest.fixture
async def server() -> AsyncIterator[OpenaiServer]:
    """A model server that can be scripted."""
    async with OpenaiServer() as running:
        yield running
