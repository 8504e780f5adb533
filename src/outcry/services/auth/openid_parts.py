"""Wires sign-in by a provider."""

from fastapi import APIRouter

from outcry.services.auth.api.openid import openid_router
from outcry.services.auth.commands.openid import OpenidCommands
from outcry.services.auth.factor_news import FactorNews
from outcry.services.auth.identities import Identities
from outcry.services.auth.provider_step_up import ProviderStepUp
from outcry.services.auth.providers import Providers
from outcry.services.auth.wiring import Core


def openid_part(core: Core, providers: Providers) -> APIRouter:
    """Return the endpoints of signing in by a provider."""
    identities = Identities(
        clock=core.clock,
        vault=core.vault,
        directory=core.directory,
        founder=core.founder,
        entrance=core.entrance,
        news=FactorNews(core.mailing, core.directory),
        providers=providers,
        confirms=core.registration.confirms,
        settings=core.settings,
    )
    commands = OpenidCommands(
        database=core.database,
        clock=core.clock,
        tickets=core.tickets,
        throttle=core.throttle,
        sessions=core.sessions,
        announcer=core.announcer,
        entrance=core.entrance,
        identities=identities,
        providers=providers,
        step_ups=ProviderStepUp(providers, core.sessions),
    )
    return openid_router(commands, providers, core.settings)
