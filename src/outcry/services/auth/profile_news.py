"""Tells every organisation of a person that their profile is another."""

from uuid import UUID

from sqlalchemy import select

from outcry.ports.database import Transaction
from outcry.services.auth.events import NO_TENANT, PersonChanged
from outcry.services.auth.models.people import MembershipRow


async def publish_changed(transaction: Transaction, person_id: UUID, fields: tuple[str, ...]) -> None:
    """Publish which fields of a person changed, once for each organisation that they are in."""
    query = select(MembershipRow.organisation_id).where(MembershipRow.person_id == person_id)
    for tenant_id in list(await transaction.session.scalars(query)) or [NO_TENANT]:
        event = PersonChanged(person_id=person_id, fields=fields)
        transaction.publish(event, tenant_id=tenant_id, key=str(person_id), actor_id=person_id)
