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
from outcry.services.ai.handlers import AiHandlers
from outcry.services.ai.privacy import AiPersonalData
from outcry.services.ai.queries import AiQueries
from outcry.services.ai.replies import Replies
from outcry.services.ai.reply_store import ReplyStore
from outcry.services.ai.settings import AiSettings
from outcry.services.charts.contracts import ChartsFacade
from outcry.services.chat.contracts import ChatFacade


def build(
    *,
    database: Database,
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
    answerer = Answerer(agent=make_agent(), charts=charts, models=models, queries=queries, settings=settings)
    store = ReplyStore(database=database, clock=clock)
    replies = Replies(database=database, chat=chat, answerer=answerer, store=store, settings=settings)
    handlers = AiHandlers(database=database, chat=chat, store=store, replies=replies)
    return Module(
        name="ai",
        needs=("charts", "chat"),
        facade=queries,
        personal=AiPersonalData(database),
        router=make_router(commands, queries),
        handlers=handlers.by_event(),
        start=replies.start,
        stop=replies.stop,
    )
