"""What an import is told, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Timeframe
from outcry.services.charts.contracts import SHARED_TENANT

SHOWN_BAD_ROWS = 10
# More lines that do not fit a table than this are not listed: such a file is no table.
MOST_BAD_ROWS = 100_000

Stage = Literal["reading", "checking", "writing", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLimits:
    """How large a file may be: in bytes as it lies there and unpacked, in rows, and in columns."""

    bytes: int = 4_000_000_000
    rows: int = 100_000_000
    columns: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the person says about the files; None leaves it to the file.

    ``zone`` is the IANA zone of times that name none. ``date_format`` is ``ymd``, ``mdy``, ``dmy`` or a strptime
    pattern such as ``%d/%m/%Y``. ``skip_bad_rows`` imports the good rows of a file that has bad ones.
    ``ask_zone`` refuses times that name no zone, of an instrument that is not known, instead of assuming New York.
    ``dry_run`` changes nothing and reports what would happen. ``shown_bad_rows`` bounds the rows that a report names.
    """

    tenant_id: UUID = SHARED_TENANT
    symbol: str | None = None
    timeframe: Timeframe | None = None
    zone: str | None = None
    date_format: str | None = None
    skip_bad_rows: bool = False
    ask_zone: bool = False
    dry_run: bool = False
    shown_bad_rows: int = SHOWN_BAD_ROWS
    limits: ImportLimits = ImportLimits()
    actor_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that cannot be used: its line in the file (its row number in Parquet, both from 1), and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSeries:
    """One series of a file; times are bar opens, UTC."""

    symbol: str
    timeframe: Timeframe
    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file.

    ``status`` is ``checked`` after a dry run that found nothing to refuse. ``problem`` is one sentence, empty
    unless the file was refused; ``field`` then names the option that would help: ``symbol``, ``timeframe``, ``zone``,
    ``date_format`` or ``skip_bad_rows``. ``rows`` counts the rows of data in the file,
    ``changed`` the bars that were new or different from what was recorded, ``actions`` the splits and dividends.
    ``bad_rows`` are the first ten of
    ``bad_row_count``. ``row_word`` is ``line`` for text and ``row`` for Parquet. ``notes`` say what was assumed.
    """

    path: Path
    status: Literal["imported", "checked", "refused"]
    problem: str = ""
    field: str = ""
    rows: int = 0
    changed: int = 0
    series: tuple[ImportedSeries, ...] = ()
    actions: int = 0
    bad_rows: tuple[BadRow, ...] = ()
    bad_row_count: int = 0
    row_word: str = "line"
    ignored_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is: which file (``number`` of ``total``, from 1), doing what, and how much of it is done."""

    path: Path
    number: int
    total: int
    stage: Stage
    fraction: float


Report = Callable[[Progress], None]


class UnusableFileError(InvalidInputError):
    """A file cannot be imported; the detail is one sentence that says why. Bad rows come along where they are why."""

    code, title = "unusable_file", "The file cannot be imported"

    def __init__(
        self,
        detail: str,
        *,
        bad_rows: tuple[BadRow, ...] = (),
        bad_row_count: int = 0,
        rows: int = 0,
        row_word: str = "line",
        field: str = "",
    ) -> None:
        super().__init__(detail, errors=({"field": field, "message": detail},) if field else ())
        self.field = field
        self.bad_rows = bad_rows
        self.bad_row_count = bad_row_count
        self.rows = rows
        self.row_word = row_word
