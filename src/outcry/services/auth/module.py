"""Wires the auth service."""

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.module import Module
from outcry.ports.cache import Cache
from outcry.ports.database import Database
from outcry.ports.mail import Mail
from outcry.ports.realtime import Realtime
from outcry.ports.secrets import Secrets
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.adopting import adopt_plain_rows
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.api.session import session_router
from outcry.services.auth.commands.accounts import AccountCommands, AccountFounder
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance
from outcry.services.auth.events import MailQueued
from outcry.services.auth.mailing import Mailing
from outcry.services.auth.passwords import Passwords
from outcry.services.auth.queries.people import AuthQueries
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.signing_keys import SigningKeys
from outcry.services.auth.standing import StandingCache
from outcry.services.auth.standings import Standings
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Tickets
from outcry.services.auth.vault import Vault


def build(
    *,
    database: Database,
    secrets: Secrets,
    cache: Cache,
    realtime: Realtime,
    mail: Mail,
    clock: Clock,
    settings: AuthSettings,
) -> Module:
    """Return the auth service. Its start opens the keys, so a wrong master key stops the start."""
    vault = Vault(secrets, clock)
    keys = SigningKeys(database, vault, clock, settings)
    tokens = AccessTokens(keys, settings, clock)
    known = StandingCache(clock)
    directory = Directory(vault)
    standings = Standings(database, clock, known, settings)
    queries = AuthQueries(database, tokens, clock, standings, directory)
    passwords = Passwords(settings)
    throttle = Throttle(cache, settings)
    announcer = Announcer(realtime, known)
    tickets = Tickets(vault, clock)
    mailing = Mailing(database, vault, mail, clock, settings)
    sessions = Sessions(database, clock, settings, announcer)
    entrance = Entrance(
        database=database, clock=clock, tickets=tickets, sessions=sessions, tokens=tokens, queries=queries
    )
    founder = AccountFounder(database=database, clock=clock, vault=vault, directory=directory, settings=settings)
    accounts = AccountCommands(
        database=database,
        clock=clock,
        passwords=passwords,
        throttle=throttle,
        sessions=sessions,
        entrance=entrance,
        founder=founder,
        directory=directory,
    )

    async def start() -> None:
        await vault.start()
        await adopt_plain_rows(database, vault, directory)
        await keys.current()
        await passwords.start()

    async def stop() -> None:
        passwords.close()

    router = APIRouter()
    for part in (session_router(accounts, queries, keys, settings),):
        router.routes.extend(part.routes)
    return Module(
        name="auth",
        facade=queries,
        router=router,
        handlers={MailQueued.name: mailing.hand_over},
        start=start,
        stop=stop,
    )
