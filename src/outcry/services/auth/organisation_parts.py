"""Wires what organisations are made of from the core: themselves, their members, their invitations."""

from fastapi import APIRouter

from outcry.services.auth.api.invitations import invitation_router
from outcry.services.auth.api.members import member_router
from outcry.services.auth.api.organisations import organisation_router
from outcry.services.auth.commands.invitations import InvitationCommands
from outcry.services.auth.commands.members import MemberCommands
from outcry.services.auth.commands.organisations import OrganisationCommands
from outcry.services.auth.departures import Departures
from outcry.services.auth.member_news import MemberNews
from outcry.services.auth.queries.invitations import InvitationQueries
from outcry.services.auth.queries.members import MemberQueries
from outcry.services.auth.queries.organisations import OrganisationQueries
from outcry.services.auth.wiring import Core


def organisation_part(core: Core) -> APIRouter:
    """Return the endpoints of organisations."""
    router = APIRouter()
    for part in (_organisations(core), _members(core), _invitations(core)):
        router.routes.extend(part.routes)
    return router


def _organisations(core: Core) -> APIRouter:
    commands = OrganisationCommands(
        database=core.database,
        sessions=core.sessions,
        entrance=core.entrance,
        founder=core.founder,
        directory=core.directory,
        announcer=core.announcer,
    )
    return organisation_router(commands, OrganisationQueries(core.database, core.clock), core.settings)


def _members(core: Core) -> APIRouter:
    departures = Departures(
        clock=core.clock, vault=core.vault, directory=core.directory, sessions=core.sessions, founder=core.founder
    )
    commands = MemberCommands(
        database=core.database,
        clock=core.clock,
        sessions=core.sessions,
        announcer=core.announcer,
        departures=departures,
        news=MemberNews(core.mailing, core.directory),
    )
    return member_router(commands, MemberQueries(core.database, core.directory))


def _invitations(core: Core) -> APIRouter:
    commands = InvitationCommands(
        database=core.database,
        clock=core.clock,
        settings=core.settings,
        vault=core.vault,
        directory=core.directory,
        mailing=core.mailing,
        sessions=core.sessions,
        entrance=core.entrance,
        announcer=core.announcer,
    )
    return invitation_router(commands, InvitationQueries(core.database, core.clock, core.vault), core.settings)
