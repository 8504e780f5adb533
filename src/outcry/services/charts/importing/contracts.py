"""Imports as browsers see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from outcry.services.charts.importing.report import BadRow, ImportedSeries

ImportStatus = Literal["waiting", "running", "done", "failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """What became of a file; see ``FileReport``. ``bad_rows`` are the first ten of ``bad_row_count``."""

    name: str
    status: Literal["imported", "checked", "refused"]
    problem: str
    field: str
    rows: int
    changed: int
    actions: int
    series: tuple[ImportedSeries, ...]
    bad_rows: tuple[BadRow, ...]
    bad_row_count: int
    row_word: str
    ignored_columns: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import, and how far it is.

    ``fraction`` (0 to 1) and ``stage`` are those of the file that is being read; ``file`` counts it from 1, 0 before
    the first. ``files`` are the reports, once it is done. One that is ``interrupted`` was cut short by a restart: each
    of its files was taken whole or not at all, and the same import again completes it.
    """

    id: UUID
    person_id: UUID
    status: ImportStatus
    dry_run: bool
    created_at: datetime
    finished_at: datetime | None
    stage: str
    file: int
    fraction: float
    file_count: int
    problem: str
    files: tuple[ImportedFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row of a file that could not be used: ``file`` counts from 0, ``line`` from 1."""

    file: int
    number: int
    line: int
    reason: str
