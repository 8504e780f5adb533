"""Mail that is written with the act that it tells of, and handed over after the commit, however often that fails.

A mail names people and may carry a token, so it waits sealed in its own table and the event names only its row.
"""

import json
import logging
from dataclasses import asdict, dataclass
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.kit.events import Envelope
from outcry.kit.ids import new_id
from outcry.ports.database import Database, Transaction
from outcry.ports.mail import Mail, MailMessage, RefusedMailError
from outcry.services.auth.directory import Directory
from outcry.services.auth.events import NO_TENANT, MailQueued
from outcry.services.auth.identity import find_email
from outcry.services.auth.models.access import MailRow
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.vault import Vault

log = logging.getLogger(__name__)

_FIELD = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What somebody is to read: plain text, in paragraphs."""

    subject: str
    text: str


class Mailing:
    """Queues letters inside the caller's transaction, and hands them to the Mail port when their event arrives."""

    def __init__(self, database: Database, vault: Vault, mail: Mail, clock: Clock, settings: AuthSettings) -> None:
        self._database = database
        self._vault = vault
        self._mail = mail
        self._clock = clock
        self._url = settings.public_url.rstrip("/")

    def link(self, path: str, token: str) -> str:
        """Return the address of a page with a token. It stands behind ``#``: no server and no proxy logs it."""
        return f"{self._url}{path}#{quote(token, safe='')}"

    def page(self, path: str) -> str:
        """Return the address of a page."""
        return f"{self._url}{path}"

    async def queue(self, transaction: Transaction, to: str, letter: Letter, *, person_id: UUID | None = None) -> None:
        """Queue a letter; it leaves after the commit, and not without it."""
        mail_id = new_id()
        # Made here too, so that what no mail can carry is refused before anything is written.
        message = MailMessage(to=to, subject=letter.subject, text=letter.text, message_id=str(mail_id))
        content = json.dumps({"to": message.to, **asdict(letter)})
        sealed = (await self._vault.installation(transaction.session)).seal(content, _FIELD)
        values = {"id": mail_id, "person_id": person_id, "sealed": sealed, "created_at": self._clock.now()}
        await transaction.session.execute(insert(MailRow).values(values))
        transaction.publish(MailQueued(mail_id=mail_id), tenant_id=NO_TENANT, key=f"mail:{mail_id}")

    async def hand_over(self, envelope: Envelope) -> None:
        """Hand a queued mail over and forget it; handles MailQueued. Raises to be called again later."""
        mail_id = envelope.open(MailQueued).mail_id
        async with self._database.reading() as session:
            row = await session.get(MailRow, mail_id)
            if row is None:
                return
            content = json.loads((await self._vault.installation(session)).open(row.sealed, _FIELD))
        message = MailMessage(
            to=content["to"], subject=content["subject"], text=content["text"], message_id=str(mail_id)
        )
        try:
            await self._mail.send(message)
        except RefusedMailError:
            # It is forgotten too: keeping it would only keep an address.
            log.warning("the mail server refused mail %s for good", mail_id)
        async with self._database.transaction() as transaction:
            await transaction.session.execute(delete(MailRow).where(MailRow.id == mail_id))


async def forget_mails_to(session: AsyncSession, vault: Vault, email_index: bytes) -> int:
    """Remove what waits to be sent to an address, on whosever account it was queued; return how many mails that was."""
    key = await vault.installation(session)
    gone = 0
    for row in list(await session.scalars(select(MailRow))):
        try:
            to = find_email(json.loads(key.open(row.sealed, _FIELD))["to"])
        except UnavailableError:
            # What cannot be opened can never be sent either, and must not hold up an erasure.
            continue
        if to is not None and Directory(vault).index(to) == email_index:
            await session.delete(row)
            gone += 1
    return gone
