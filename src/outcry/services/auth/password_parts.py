"""Wires accounts from the core: signing in, registering, recovering, the profile."""

from fastapi import APIRouter

from outcry.services.auth.api.passwords import password_router, registration_router
from outcry.services.auth.api.profile import profile_router
from outcry.services.auth.api.session import session_router
from outcry.services.auth.browsers import KnownBrowsers
from outcry.services.auth.commands.accounts import AccountCommands
from outcry.services.auth.commands.email import EmailCommands
from outcry.services.auth.commands.profile import ProfileCommands
from outcry.services.auth.commands.recovery import RecoveryCommands
from outcry.services.auth.pictures import Pictures
from outcry.services.auth.queries.pictures import PictureQueries
from outcry.services.auth.wiring import Core


def account_part(core: Core) -> APIRouter:
    """Return the endpoints of signing in and out."""
    commands = AccountCommands(
        database=core.database,
        credentials=core.credentials,
        throttle=core.throttle,
        challenger=core.challenger,
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
        challenger=core.challenger,
        tickets=core.tickets,
        mailing=core.mailing,
        sessions=core.sessions,
        entrance=core.entrance,
        announcer=core.announcer,
        settings=core.settings,
    )
    router = registration_router(core.registration, core.settings)
    router.routes.extend(password_router(commands, core.settings).routes)
    return router


def profile_part(core: Core) -> APIRouter:
    """Return the endpoints of the profile and the e-mail address."""
    profile = ProfileCommands(
        database=core.database, directory=core.directory, vault=core.vault, blobs=core.blobs, pictures=Pictures()
    )
    email = EmailCommands(
        database=core.database,
        clock=core.clock,
        directory=core.directory,
        throttle=core.throttle,
        tickets=core.tickets,
        mailing=core.mailing,
        sessions=core.sessions,
        announcer=core.announcer,
        settings=core.settings,
    )
    return profile_router(profile, email, core.queries, PictureQueries(core.database, core.vault, core.blobs))
