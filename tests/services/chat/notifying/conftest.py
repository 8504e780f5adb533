"""Notices over the real chat service, and the mails that come of them."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update

from outcry.kit.errors import UnavailableError
from outcry.kit.principal import Principal
from outcry.ports.mail import MailMessage, RefusedMailError
from outcry.services.auth.models.people import PersonRow
from outcry.services.chat.courier import Courier
from outcry.services.chat.names import Names
from outcry.services.chat.notifying.wiring import Notices, build_notices
from outcry.services.chat.settings import ChatSettings
from tests.services.chat.conftest import Desk
from tests.services.people import Postbox

# For what the engine makes no difference to.
on_sqlite = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)
URL = "https://desk.example"


class ShakyPostbox(Postbox):
    """A Mail engine that breaks when it is told to: before it took a mail, or after."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: list[str] = []
        self.came = asyncio.Event()

    async def send(self, message: MailMessage) -> None:
        """Keep a message, unless a failure is due."""
        failure = self.fails.pop(0) if self.fails else ""
        if failure == "away":
            raise UnavailableError()
        if failure == "refuses":
            raise RefusedMailError()
        await super().send(message)
        self.came.set()
        if failure == "dies":
            raise KeyboardInterrupt


@dataclass
class Told:
    """The notices of a desk; ``hear`` hands over the events that were written since."""

    desk: Desk
    notices: Notices
    mail: ShakyPostbox
    heard: int = 0

    async def hear(self, *, twice: bool = False) -> None:
        """Hand over what is new in the outbox; ``twice`` as a bus may."""
        rows = await self.desk.database.pending(after=self.heard, limit=1000)
        handlers = self.notices.handlers.by_event()
        for number, envelope, _ in rows:
            self.heard = number
            for _ in range(1 + twice):
                if envelope.name in handlers:
                    await handlers[envelope.name](envelope)

    async def confirm(self, *people: Principal) -> None:
        """Note that mail to these people was shown to reach them."""
        theirs = PersonRow.id.in_([person.user_id for person in people])
        async with self.desk.crowd.database.transaction() as transaction:
            await transaction.session.execute(
                update(PersonRow).where(theirs).values(email_verified_at=self.desk.clock.now())
            )

    async def follow(self, person: Principal) -> list[dict[str, Any]]:
        """Return the list that everything a person is told is going to be put into."""
        return await self.desk.follow(f"user:{person.user_id}")


def noticed(heard: list[dict[str, Any]]) -> list[tuple[int, bool]]:
    """Return of what somebody heard the notices: which message, and whether it called them."""
    return [(each["sequence"], each["called"]) for each in heard if each["kind"] == "notice"]


@pytest.fixture
def told(desk: Desk) -> Told:
    """Notices, and a postbox."""
    mail = ShakyPostbox()
    notices = build_notices(
        database=desk.database,
        courier=Courier(desk.realtime),
        auth=desk.calls,
        names=Names(auth=desk.calls, clock=desk.clock),
        mail=mail,
        clock=desk.clock,
        settings=ChatSettings(public_url=URL),
    )
    return Told(desk, notices, mail)
