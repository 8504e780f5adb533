"""Which request or event the running task belongs to: carried along implicitly, for envelopes and logs only."""

from contextvars import ContextVar
from uuid import UUID

# The W3C trace id (32 hexadecimal digits), the id of the request or event that is being handled, and the network
# address that the request came from.
trace_id: ContextVar[str] = ContextVar("trace_id", default="")
causation_id: ContextVar[UUID | None] = ContextVar("causation_id", default=None)
address: ContextVar[str] = ContextVar("address", default="")
