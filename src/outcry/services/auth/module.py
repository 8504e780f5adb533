"""Wires the auth service."""

from outcry.kit.clock import Clock
from outcry.kit.module import Module
from outcry.ports.cache import Cache
from outcry.ports.database import Database
from outcry.ports.secrets import Secrets
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.api import build_router
from outcry.services.auth.commands import AuthCommands
from outcry.services.auth.passwords import Passwords
from outcry.services.auth.queries import AuthQueries
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.signing_keys import SigningKeys
from outcry.services.auth.standing import StandingCache
from outcry.services.auth.throttle import Throttle


def build(*, database: Database, secrets: Secrets, cache: Cache, clock: Clock, settings: AuthSettings) -> Module:
    """Return the auth service. Its start makes the signing key, so a wrong master key stops the start."""
    keys = SigningKeys(database, secrets, clock)
    tokens = AccessTokens(keys, settings, clock)
    standing = StandingCache(clock)
    queries = AuthQueries(database, tokens, clock, standing)
    passwords = Passwords(settings)
    commands = AuthCommands(
        database=database,
        clock=clock,
        passwords=passwords,
        throttle=Throttle(cache, settings),
        sessions=Sessions(database, clock, settings, standing),
        tokens=tokens,
        queries=queries,
    )

    async def start() -> None:
        await keys.current()
        await passwords.start()

    async def stop() -> None:
        passwords.close()

    router = build_router(commands, queries, keys)
    return Module(name="auth", facade=queries, router=router, start=start, stop=stop)
