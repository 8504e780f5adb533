"""Tells of keys for programs that were made or revoked, in the transaction that does it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from outcry.ports.database import Transaction
from outcry.services.auth.directory import Directory
from outcry.services.auth.events import ApiKeyChanged
from outcry.services.auth.models.access import ApiKeyRow


async def tell_key_changed(
    transaction: Transaction, directory: Directory, row: ApiKeyRow, act: str, *, actor_id: UUID
) -> None:
    """Publish a key as it is after being ``added``, or before being ``removed``; its name is its person's words."""
    side = "after" if act == "added" else "before"
    event = ApiKeyChanged(
        person_id=row.person_id,
        key_id=row.id,
        act=act,
        scopes=tuple(row.scopes),
        expires_at=row.expires_at,
        sealed=await directory.seal_words(transaction.session, row.person_id, {f"{side}.name": row.name}),
    )
    transaction.publish(event, tenant_id=row.organisation_id, key=str(row.person_id), actor_id=actor_id)


async def revoke_keys(
    transaction: Transaction,
    directory: Directory,
    person_id: UUID,
    now: datetime,
    *,
    actor_id: UUID,
    organisation_id: UUID | None = None,
) -> None:
    """Revoke a person's keys, only those in one organisation if that is given, and tell of each."""
    query = select(ApiKeyRow).where(ApiKeyRow.person_id == person_id, ApiKeyRow.revoked_at.is_(None))
    if organisation_id is not None:
        query = query.where(ApiKeyRow.organisation_id == organisation_id)
    for row in list(await transaction.session.scalars(query.order_by(ApiKeyRow.id).with_for_update())):
        row.revoked_at = now
        await tell_key_changed(transaction, directory, row, "removed", actor_id=actor_id)
