"""Mail that is written with an act: sealed while it waits, gone once it is handed over."""

import pytest
from sqlalchemy import func, select

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.ports.mail import MailMessage, RefusedMailError
from outcry.services.auth.events import MailQueued
from outcry.services.auth.mailing import Letter, Mailing
from outcry.services.auth.models.access import MailRow
from outcry.services.auth.vault import Vault
from tests.services.auth.conftest import Desk
from tests.services.people import FAST, Postbox

LETTER = Letter(subject="Your link", text="Here it is: secret-token")


class StubbornPostbox(Postbox):
    """A mail server that first fails as it is told."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.failures = list(failures)

    async def send(self, message: MailMessage) -> None:
        if self.failures:
            raise self.failures.pop(0)
        await super().send(message)


async def mailing_of(desk: Desk, postbox: Postbox) -> Mailing:
    vault = Vault(desk.secrets, desk.clock)
    await vault.start()
    assert isinstance(desk.realtime, MemoryRealtime)
    return Mailing(desk.database, vault, postbox, desk.clock, FAST)


async def queue(desk: Desk, mailing: Mailing, to: str = "ann@example.com", letter: Letter = LETTER) -> None:
    async with desk.database.transaction() as transaction:
        await mailing.queue(transaction, to, letter)


async def hand_over(desk: Desk, mailing: Mailing) -> None:
    for envelope in await desk.events(MailQueued.name):
        await mailing.hand_over(envelope)


async def waiting(desk: Desk) -> int:
    async with desk.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(MailRow)) or 0


async def test_it_waits_sealed_and_goes_once(desk: Desk) -> None:
    postbox = Postbox()
    mailing = await mailing_of(desk, postbox)
    await queue(desk, mailing)
    async with desk.database.reading() as session:
        row = (await session.scalars(select(MailRow))).one()
    assert b"secret-token" not in row.sealed
    assert b"ann@example.com" not in row.sealed
    assert "ann" not in str([event.data for event in await desk.events()])
    await hand_over(desk, mailing)
    await hand_over(desk, mailing)  # delivered at least once, sent once
    assert [(mail.to, mail.subject, mail.message_id) for mail in postbox.messages] == [
        ("ann@example.com", "Your link", str(row.id))
    ]
    assert await waiting(desk) == 0


async def test_it_waits_while_the_server_does_not_take_it(desk: Desk) -> None:
    postbox = StubbornPostbox(UnavailableError("down"))
    mailing = await mailing_of(desk, postbox)
    await queue(desk, mailing)
    with pytest.raises(UnavailableError):
        await hand_over(desk, mailing)
    assert await waiting(desk) == 1
    await hand_over(desk, mailing)
    assert (len(postbox.messages), await waiting(desk)) == (1, 0)


async def test_one_that_is_refused_for_good_is_forgotten(desk: Desk) -> None:
    mailing = await mailing_of(desk, StubbornPostbox(RefusedMailError("no such mailbox")))
    await queue(desk, mailing)
    await hand_over(desk, mailing)
    assert await waiting(desk) == 0


@pytest.mark.parametrize(
    ("to", "subject"),
    [("ann@example.com\r\nBcc: eve@example.com", "Hi"), ("ann@example.com", "Hi\r\nBcc: eve@example.com"), ("", "Hi")],
)
async def test_what_no_mail_can_carry_is_refused_before_anything_is_written(desk: Desk, to: str, subject: str) -> None:
    mailing = await mailing_of(desk, Postbox())
    with pytest.raises(InvalidInputError):
        await queue(desk, mailing, to, Letter(subject=subject, text="x"))
    assert await waiting(desk) == 0
    assert await desk.events() == []


async def test_links_carry_their_token_where_no_server_logs_it(desk: Desk) -> None:
    mailing = await mailing_of(desk, Postbox())
    assert mailing.link("/recover", "a/b c") == "http://desk.example/recover#a%2Fb%20c"
