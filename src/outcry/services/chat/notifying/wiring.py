"""Wires who is told of what is said."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.ports.mail import Mail
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.courier import Courier
from outcry.services.chat.names import Names
from outcry.services.chat.notifying.api import notices_router
from outcry.services.chat.notifying.commands import NoticeCommands
from outcry.services.chat.notifying.contracts import Notice
from outcry.services.chat.notifying.handlers import NoticeHandlers
from outcry.services.chat.notifying.mailing import NoticeMailer
from outcry.services.chat.settings import ChatSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What people choose, what is told to them, and who mails it."""

    commands: NoticeCommands
    handlers: NoticeHandlers
    mailer: NoticeMailer

    @property
    def pushed(self) -> tuple[type, ...]:
        """Return the types that only the socket carries."""
        return (Notice,)

    def router(self) -> APIRouter:
        """Return the endpoints."""
        return notices_router(self.commands)


def build_notices(
    *,
    database: Database,
    courier: Courier,
    auth: AuthFacade,
    names: Names,
    mail: Mail,
    clock: Clock,
    settings: ChatSettings,
) -> Notices:
    """Return it over these engines."""
    return Notices(
        commands=NoticeCommands(database=database, courier=courier, names=names, clock=clock),
        handlers=NoticeHandlers(database=database, courier=courier, clock=clock),
        mailer=NoticeMailer(database=database, auth=auth, names=names, mail=mail, clock=clock, settings=settings),
    )
