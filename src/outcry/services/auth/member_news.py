"""Writes to people whose place in an organisation somebody else changed, in the transaction that changes it."""

from outcry.ports.database import Transaction
from outcry.services.auth.directory import Directory
from outcry.services.auth.letters import place_changed
from outcry.services.auth.mailing import Mailing
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonRow


class MemberNews:
    """Queues the letters."""

    def __init__(self, mailing: Mailing, directory: Directory) -> None:
        self._mailing = mailing
        self._directory = directory

    async def write(self, transaction: Transaction, row: MembershipRow, act: str) -> None:
        """Tell a member what was done; ``act`` is one of ``MemberChanged``, and the row as it is after it."""
        person_row = await transaction.session.get(PersonRow, row.person_id)
        organisation = await transaction.session.get(OrganisationRow, row.organisation_id)
        if person_row is None or organisation is None:
            return
        person = await self._directory.open_person(transaction.session, person_row)
        if person.email:
            letter = place_changed(organisation.name, act, row.role)
            await self._mailing.queue(transaction, person.email, letter, person_id=person.id)
