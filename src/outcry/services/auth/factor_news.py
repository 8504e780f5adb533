"""Tells the log and the person of every change to their factors, in the transaction that makes it."""

from uuid import UUID

from outcry.ports.database import Transaction
from outcry.services.auth.directory import Directory
from outcry.services.auth.events import CredentialChanged
from outcry.services.auth.mailing import Letter, Mailing
from outcry.services.auth.models.people import PersonRow


class FactorNews:
    """Publishes CredentialChanged, and queues the letter that goes with it."""

    def __init__(self, mailing: Mailing, directory: Directory) -> None:
        self._mailing = mailing
        self._directory = directory

    async def tell(
        self,
        transaction: Transaction,
        letter: Letter | None = None,
        *,
        person_id: UUID,
        tenant_id: UUID,
        what: str,
        act: str,
    ) -> None:
        """Tell of a change; see CredentialChanged for the words of ``what`` and ``act``."""
        event = CredentialChanged(person_id=person_id, what=what, act=act)
        transaction.publish(event, tenant_id=tenant_id, key=str(person_id), actor_id=person_id)
        if letter is None:
            return
        row = await transaction.session.get(PersonRow, person_id)
        person = await self._directory.open_person(transaction.session, row) if row else None
        if person and person.email:
            await self._mailing.queue(transaction, person.email, letter, person_id=person_id)
