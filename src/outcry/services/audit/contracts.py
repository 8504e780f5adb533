"""What other services may ask of the audit log."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outcry.kit.facade import Facade


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """How a log stood: ``root``, in base64, is that of its first ``size`` entries; ``note`` is the signed text."""

    size: int
    root: str
    time: datetime
    note: str


class AuditFacade(Facade):
    """The audit log, for reading. Entries come from events: nobody writes one by asking."""

    @abstractmethod
    async def find_checkpoint(self, *, tenant_id: UUID) -> SignedCheckpoint | None:
        """Return the newest checkpoint of an organisation's log, None before the first."""
