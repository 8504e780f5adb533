"""Notes that somebody read the log: reading entries about others is itself an act that the log keeps."""

from collections.abc import Sequence

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.audit.events import EntriesRead
from outcry.services.audit.record_reading import AuditRecord
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
        await self._tell(principal, len(others), others[-1].index, others[0].index, filters)

    async def note_record(self, principal: Principal, record: AuditRecord) -> None:
        """Write the event for a record that was made again; nothing where it is the reader's own."""
        if record.object_id == str(principal.user_id):
            return
        filters = {"object_type": record.object_type, "object_id": record.object_id}
        await self._tell(principal, record.versions, record.first, record.index, filters)

    async def _tell(self, principal: Principal, count: int, first: int, last: int, filters: dict[str, str]) -> None:
        reader = principal.user_id
        event = EntriesRead(reader_id=reader, count=count, first=first, last=last, filters=filters)
        async with self._database.transaction() as transaction:
            transaction.publish(
                event, tenant_id=principal.tenant_id, key=f"audit:{principal.tenant_id}", actor_id=reader
            )
