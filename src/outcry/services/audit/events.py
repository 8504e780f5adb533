"""What the audit service tells the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from outcry.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesRead(Event):
    """Somebody read entries about other people: ``count`` of them, between these two of the log.

    ``filters`` says by what they were chosen, such as ``{"act": "auth."}``.
    """

    name: ClassVar[str] = "audit.entries_read.v1"

    reader_id: UUID
    count: int
    first: int
    last: int
    filters: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExported(Event):
    """Somebody took the log's first ``size`` entries out of the installation; None is the operator, by command line."""

    name: ClassVar[str] = "audit.exported.v1"

    exporter_id: UUID | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMade(Event):
    """Somebody made a compliance report of this period; ``form`` is ``json``, ``csv`` or ``pdf``."""

    name: ClassVar[str] = "audit.report_made.v1"

    maker_id: UUID
    start: datetime
    end: datetime
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesArchived(Event):
    """Old entries, ``first`` to ``last``, moved: ``what`` is ``archived`` or, for good, ``archived_away``."""

    name: ClassVar[str] = "audit.entries_archived.v1"

    first: int
    last: int
    what: str
