"""Notes that somebody read the log: reading entries about others is itself an act that the log keeps."""

from collections.abc import Sequence

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.audit.events import EntriesRead
from outcry.services.audit.views import AuditEntry


class Reading:
    """Publishes who read what, before it is given out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, principal: Principal, entries: Sequence[AuditEntry], filters: dict[str, str]) -> None:
        """Write the event, once for all of these; nothing where all of them are about the reader alone."""
        reader = principal.user_id
        others = [one for one in entries if {one.actor_id, one.person_id} - {reader, None}]
        if not others:
            return
        event = EntriesRead(
            reader_id=reader, count=len(others), first=others[-1].index, last=others[0].index, filters=filters
        )
        async with self._database.transaction() as transaction:
            transaction.publish(
                event, tenant_id=principal.tenant_id, key=f"audit:{principal.tenant_id}", actor_id=reader
            )
