"""Tells every organisation of a person that their profile is another."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from outcry.ports.database import Transaction
from outcry.services.auth.directory import Directory
from outcry.services.auth.events import NO_TENANT, PersonChanged
from outcry.services.auth.models.people import MembershipRow


async def publish_changed(
    transaction: Transaction,
    directory: Directory,
    person_id: UUID,
    *,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> None:
    """Publish which fields of a person changed, once for each organisation that they are in; the values sealed."""
    words = {f"before.{name}": value for name, value in before.items() if name in after}
    words |= {f"after.{name}": value for name, value in after.items()}
    sealed = await directory.seal_words(transaction.session, person_id, words)
    query = select(MembershipRow.organisation_id).where(MembershipRow.person_id == person_id)
    for tenant_id in list(await transaction.session.scalars(query)) or [NO_TENANT]:
        event = PersonChanged(person_id=person_id, fields=tuple(after), sealed=sealed)
        transaction.publish(event, tenant_id=tenant_id, key=str(person_id), actor_id=person_id)
