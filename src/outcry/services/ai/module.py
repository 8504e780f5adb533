"""Wiring of the AI service."""

from outcry.kit.clock import Clock
from outcry.kit.module import Module
from outcry.ports.database import Database
from outcry.ports.models import Models
from outcry.ports.secrets import Secrets
from outcry.services.ai.agent import make_agent
from outcry.services.ai.answering import Answerer
from outcry.services.ai.api import make_router
from outcry.services.ai.commands import AiCommands
from outcry.services.ai.duties.api import duties_router
from outcry.services.ai.duties.commands import Duties
from outcry.services.ai.duties.running import DutyRunner
from outcry.services.ai.duties.slash import summarise_command
from outcry.services.ai.handlers import AiHandlers
from outcry.services.ai.privacy import AiPersonalData
from outcry.services.ai.queries import AiQueries
from outcry.services.ai.replies import Replies
from outcry.services.ai.reply_store import ReplyStore
from outcry.services.ai.settings import AiSettings
from outcry.services.auth.contracts import AuthFacade
from outcry.services.charts.contracts import ChartsFacade
from outcry.services.chat.contracts import ChatFacade


def build(
    *,
    database: Database,
    auth: AuthFacade,
    chat: ChatFacade,
    charts: ChartsFacade,
    models: Models,
    secrets: Secrets,
    clock: Clock,
    settings: AiSettings,
) -> Module:
    """Wire the service."""
    queries = AiQueries(database=database, secrets=secrets)
    commands = AiCommands(database=database, queries=queries, models=models, secrets=secrets, clock=clock)
    answerer = Answerer(
        agent=make_agent(), charts=charts, models=models, queries=queries, clock=clock, settings=settings
    )
    duties = Duties(database=database, chat=chat, auth=auth, clock=clock)
    runner = DutyRunner(
        database=database, chat=chat, answerer=answerer, clock=clock, whole_answer_s=settings.whole_answer_s
    )
    store = ReplyStore(database=database, clock=clock)
    replies = Replies(database=database, chat=chat, answerer=answerer, duties=duties, store=store, settings=settings)
    handlers = AiHandlers(database=database, chat=chat, store=store, replies=replies)
    router = make_router(commands, queries)
    router.routes.extend(duties_router(duties).routes)

    async def start() -> None:
        await replies.start()
        await runner.start()

    async def stop() -> None:
        await runner.stop()
        await replies.stop()

    return Module(
        name="ai",
        needs=("auth", "charts", "chat"),
        facade=queries,
        personal=AiPersonalData(database),
        router=router,
        handlers=handlers.by_event(),
        slash=(summarise_command(chat),),
        start=start,
        stop=stop,
    )
