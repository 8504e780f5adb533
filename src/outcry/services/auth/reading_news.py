"""Publishes that an admin looked at data of others. Colleagues who see each other's names are no admins' reading."""

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.events import PeopleRead

_ADMINS = frozenset({"owner", "admin"})


async def tell_people_read(database: Database, principal: Principal, *, what: str, count: int) -> None:
    """Publish it once for a list that was read, before it is handed out; nothing for whoever is no admin."""
    if principal.role not in _ADMINS or not count:
        return
    async with database.transaction() as transaction:
        event = PeopleRead(what=what, count=count)
        transaction.publish(
            event, tenant_id=principal.tenant_id, key=str(principal.user_id), actor_id=principal.user_id
        )
