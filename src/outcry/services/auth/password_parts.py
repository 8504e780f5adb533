"""Wires accounts and passwords from the core: signing in, registering, recovering."""

from fastapi import APIRouter

from outcry.services.auth.api.passwords import password_router
from outcry.services.auth.api.session import session_router
from outcry.services.auth.browsers import KnownBrowsers
from outcry.services.auth.commands.accounts import AccountCommands
from outcry.services.auth.commands.recovery import RecoveryCommands
from outcry.services.auth.wiring import Core


def account_part(core: Core) -> APIRouter:
    """Return the endpoints of signing in and out."""
    commands = AccountCommands(
        database=core.database,
        credentials=core.credentials,
        throttle=core.throttle,
        sessions=core.sessions,
        entrance=core.entrance,
        directory=core.directory,
        browsers=KnownBrowsers(core.vault),
    )
    return session_router(commands, core.queries, core.keys, core.settings)


def password_part(core: Core) -> APIRouter:
    """Return the endpoints of registering and of passwords."""
    commands = RecoveryCommands(
        database=core.database,
        clock=core.clock,
        directory=core.directory,
        credentials=core.credentials,
        throttle=core.throttle,
        tickets=core.tickets,
        mailing=core.mailing,
        sessions=core.sessions,
        entrance=core.entrance,
        announcer=core.announcer,
        settings=core.settings,
    )
    return password_router(core.registration, commands, core.settings)
