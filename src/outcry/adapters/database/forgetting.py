"""What the databases themselves hold of a person after the services have erased theirs."""

from collections.abc import Iterable
from uuid import UUID

from outcry.kit.privacy import Forget
from outcry.ports.database import Database


def forget_in(databases: Iterable[Database]) -> Forget:
    """Return what removes people's dead events from all databases, and overwrites what was deleted."""
    every = tuple(databases)

    async def forget(person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> None:
        for database in every:
            await database.forget(actor_ids=person_ids, tenant_ids=organisation_ids)

    return forget
