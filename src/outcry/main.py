"""The composition root: settings, then engines, then services, then the application."""

import asyncio
from importlib.metadata import version
from typing import TypeVar, cast

from fastapi import FastAPI

from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.database.forgetting import forget_in
from outcry.adapters.database.relay import OutboxRelay
from outcry.adapters.feed.replay import ReplayFeed
from outcry.adapters.models.openai import OpenaiModels
from outcry.adapters.outgoing.destinations import Destinations
from outcry.edge.app import make_app
from outcry.edge.counting import Counts
from outcry.edge.idempotency.privacy import KeptAnswers
from outcry.edge.idempotency.requests import KeyedRequests
from outcry.edge.limiting import Limiter
from outcry.edge.settings import EdgeSettings
from outcry.edge.static import find_web_folder
from outcry.engines import (
    migrations_folder,
    open_blobs,
    open_cache,
    open_challenges,
    open_database,
    open_erasures,
    open_event_bus,
    open_feed,
    open_filings,
    open_identity_provider,
    open_mail,
    open_message_log,
    open_pages,
    open_realtime,
    open_secrets,
    open_text_search,
    open_time_series,
)
from outcry.kit.clock import SystemClock
from outcry.kit.facade import Facade, check_facade, loopback
from outcry.kit.module import Module, start_order
from outcry.kit.privacy import PersonalData, PersonalParts
from outcry.kit.slash import SlashCommands
from outcry.samples.market import load_sample_market
from outcry.services.ai import module as ai
from outcry.services.ai.settings import AiSettings
from outcry.services.audit import module as audit
from outcry.services.audit.settings import AuditSettings
from outcry.services.auth import module as auth
from outcry.services.auth.contracts import AuthFacade
from outcry.services.auth.settings import AuthSettings
from outcry.services.charts import module as charts
from outcry.services.charts.contracts import ChartsFacade
from outcry.services.charts.settings import ChartsSettings
from outcry.services.chat import module as chat
from outcry.services.chat.contracts import ChatFacade
from outcry.services.chat.settings import ChatSettings
from outcry.settings import Settings

SERVICES = ("auth", "chat", "charts", "ai", "audit")

F = TypeVar("F", bound=Facade)


class Platform:
    """All services in one process, wired over the engines that the settings name.

    Making one opens no connection but the store of bars; ``start`` migrates and starts, ``stop`` stops in reverse.
    """

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings = settings
        self._clock = SystemClock()
        self.outside = Destinations()
        self._databases = {name: open_database(settings, name, self._clock) for name in (*SERVICES, "edge")}
        self.message_log = open_message_log(self._databases["chat"], self._clock)
        self._bus = open_event_bus(settings)
        self._realtime = open_realtime(settings)
        self._messages = open_text_search(settings)
        self._cache = open_cache(settings, self._clock)
        self.edge = EdgeSettings()
        self.counts = Counts()
        self.counts.include("outside", self.outside.counts)
        # Caches of its own: whoever makes it keep many addresses must not push others' counters out of theirs.
        self._limiter = Limiter(
            open_cache(settings, self._clock), MemoryCache(self._clock), clock=self._clock, counts=self.counts
        )
        self._secrets = open_secrets(settings, self.outside)
        self._blobs = open_blobs(settings, self._secrets, self.outside)
        self._mail = open_mail(settings, self.outside)
        self._challenges = open_challenges(settings, self._secrets, self.outside)
        self._erasures = open_erasures(settings)
        self._pages = open_pages(settings)
        self._filings = open_filings(settings, self.outside)
        self._personal = PersonalParts()
        self._slash = SlashCommands()
        self.time_series = open_time_series(settings)
        self._models = OpenaiModels(own_port=settings.port, outside=self.outside)
        self.market = charts.build_market(
            database=self._databases["charts"],
            time_series=self.time_series,
            clock=self._clock,
            settings=ChartsSettings(),
        )
        self._relays = [OutboxRelay(self._databases[name], self._bus) for name in SERVICES]
        self._started: list[Module] = []
        self.modules = start_order(self._build_modules())
        self._keyed = KeyedRequests(
            database=self._databases["edge"], auth=self._auth, clock=self._clock, settings=self.edge
        )
        self.app = self._build_app()

    def _build_modules(self) -> list[Module]:
        clock, databases = self._clock, self._databases
        auth_module = auth.build(
            database=databases["auth"],
            secrets=self._secrets,
            cache=self._cache,
            realtime=self._realtime,
            mail=self._mail,
            make_provider=lambda config: open_identity_provider(config, clock, self.outside),
            blobs=self._blobs,
            erasures=self._erasures,
            parts=self._personal,
            clock=clock,
            settings=AuthSettings(public_url=self.settings.url),
            challenges=self._challenges,
            mails_out=self.settings.mail.startswith(("smtp:", "smtps:")),
        )
        self._auth = self._facade(auth_module, AuthFacade)
        chat_module = self._build_chat()
        charts_module = charts.build(
            database=databases["charts"],
            time_series=self.time_series,
            realtime=self._realtime,
            chat=self._facade(chat_module, ChatFacade),
            filings=self._filings,
            blobs=self._blobs,
            make_feed=lambda recorded, speed: ReplayFeed(recorded, speed=speed),
            clock=clock,
            settings=ChartsSettings(),
            live_feed=open_feed(self.settings, self._secrets, clock, self.outside),
            uploads=self.settings.data / "imports",
        )
        ai_module = ai.build(
            database=databases["ai"],
            auth=self._auth,
            chat=self._facade(chat_module, ChatFacade),
            charts=self._facade(charts_module, ChartsFacade),
            models=self._models,
            secrets=self._secrets,
            clock=clock,
            settings=AiSettings(),
        )
        audit_module = audit.build(
            database=databases["audit"],
            auth=self._auth,
            secrets=self._secrets,
            blobs=self._blobs,
            clock=clock,
            settings=AuditSettings(),
        )
        modules = [auth_module, chat_module, charts_module, ai_module, audit_module]
        self._slash.fill(command for module in modules for command in module.slash)
        self._personal.fill(self._personal_parts(modules), forget_in(databases.values()))
        return modules

    def _build_chat(self) -> Module:
        return chat.build(
            database=self._databases["chat"],
            realtime=self._realtime,
            log=self.message_log,
            cache=self._cache,
            index=self._messages,
            blobs=self._blobs,
            auth=self._auth,
            pages=self._pages,
            clock=self._clock,
            mail=self._mail,
            settings=ChatSettings(public_url=self.settings.url),
            slash=self._slash,
        )

    def _personal_parts(self, modules: list[Module]) -> dict[str, PersonalData]:
        check_facade(PersonalData)
        parts = {module.name: module.personal for module in modules if module.personal is not None}
        parts["edge"] = KeptAnswers(self._databases["edge"])
        return {name: loopback(PersonalData, part) for name, part in parts.items()} if self.settings.loopback else parts

    def _facade(self, module: Module, kind: type[F]) -> F:
        check_facade(kind)
        facade = cast(F, module.facade)
        return loopback(kind, facade) if self.settings.loopback else facade

    def _build_app(self) -> FastAPI:
        return make_app(
            modules=self.modules,
            auth=self._auth,
            realtime=self._realtime,
            cache=self._cache,
            ready=self.ping,
            version=version("outcry"),
            web_folder=find_web_folder(),
            settings=self.edge,
            limiter=self._limiter,
            counts=self.counts,
            keyed=self._keyed,
            public_url=self.settings.public_url,
            pushed=tuple(kind for module in self.modules for kind in module.pushed),
            widget=self._challenges.widget,
        )

    async def ping(self) -> None:
        """Raise unless every service is started and every database answers."""
        if len(self._started) < len(self.modules):
            raise RuntimeError("starting")
        await asyncio.gather(*(database.ping() for database in self._databases.values()))

    async def migrate(self) -> dict[str, list[str]]:
        """Bring every database to its newest form; return the revisions that ran, by service."""
        return {name: await database.migrate(migrations_folder(name)) for name, database in self._databases.items()}

    async def load_sample_market(self) -> int:
        """Load the sample market unless it is there or not wanted; return how many bars were written."""
        return await load_sample_market(self.market) if self.settings.sample_market else 0

    async def start(self) -> None:
        """Start the bus, the services in the order of their needs, then the relays."""
        for module in self.modules:
            for event_name, handler in module.handlers.items():
                self._bus.subscribe(event_name, group=module.name, handler=handler)
        await self._bus.start()
        for module in self.modules:
            await module.start()
            self._started.append(module)
        for relay in self._relays:
            await relay.start()
        await self._keyed.start()

    async def stop(self) -> None:
        """Stop everything that was started, the last first, and let go of every engine."""
        await self._keyed.stop()
        for relay in self._relays:
            await relay.stop()
        while self._started:
            await self._started.pop().stop()
        await self._bus.stop()
        await self._models.close()
        await self._cache.close()
        await self._limiter.close()
        await self._secrets.close()
        await self._blobs.close()
        await self._mail.close()
        await self._challenges.close()
        await self._erasures.close()
        await self._pages.close()
        await self._filings.close()
        await self._messages.close()
        await self.time_series.close()
        for database in self._databases.values():
            await database.close()
