"""Files into columns: CSV and JSON lines as text, Parquet as it is typed. What a column means is decided elsewhere."""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from outcry.kit.text import clean_line, shorten
from outcry.services.charts.importing.decoding import read_text
from outcry.services.charts.importing.headings import guess_names, is_data
from outcry.services.charts.importing.json_lines import JsonLines
from outcry.services.charts.importing.parquet import read_parquet
from outcry.services.charts.importing.report import MOST_BAD_ROWS, BadRow, ImportLimits, UnusableFileError

_DELIMITERS = ",;\t|"
_LEADING_LINES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Tells a row's line in the file. ``base`` is the line of row 0; ``gaps`` counts, per line that was left out
    because it does not fit the header, how many rows come before it."""

    base: int
    word: str = "line"
    gaps: Sequence[int] = ()

    def of(self, row: int) -> int:
        """Return the line of a row; both columns of numbers are in the file's order."""
        return self.base + row + int(np.searchsorted(np.asarray(self.gaps, dtype=np.int64), row, side="right"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file's columns, in its order. ``ragged`` are the lines that have not as many fields as the header."""

    names: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    lines: Lines
    ragged: tuple[BadRow, ...] = ()
    delimiter: str = ","
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there are, ragged ones included."""
        return (len(self.columns[0]) if self.columns else 0) + len(self.ragged)


def read_table(path: Path, limits: ImportLimits) -> Table:
    """Read a CSV, JSON lines or Parquet file, told apart by its content; raises UnusableFileError."""
    if path.is_dir():
        raise UnusableFileError(f"{path} is a folder; name the files in it.")
    if not path.exists():
        raise UnusableFileError(f"{path} does not exist.")
    try:
        with path.open("rb") as file:
            begin = file.read(1024).removeprefix(codecs.BOM_UTF8).lstrip()
        if begin.startswith(b"PAR1"):
            names, columns = read_parquet(path, limits)
            return Table(names=names, columns=columns, lines=Lines(base=1, word="row"))
        if begin.startswith(b"["):
            raise UnusableFileError(f"{path.name} looks like one JSON array; write one object a line instead.")
        if begin.startswith(b"{"):
            return _read_json_lines(path, limits)
        text, note = read_text(path, limits)
        return _read_csv(text, limits, note)
    except PermissionError as error:
        raise UnusableFileError(f"{path} may not be read by this user.") from error
    except OSError as error:
        raise UnusableFileError(f"{path} cannot be read: {error.strerror or 'the system refuses'}.") from error


def _read_json_lines(path: Path, limits: ImportLimits) -> Table:
    size = path.stat().st_size
    if size > limits.bytes:
        raise UnusableFileError(f"{path.name} has {size:,} bytes; {limits.bytes:,} are the most.")
    reader = JsonLines(path, limits)
    columns = reader.read()
    if not columns:
        raise UnusableFileError(f"{path.name} begins like JSON lines, but no line of it is a JSON object.")
    return Table(
        names=tuple(columns),
        columns=tuple(columns.values()),
        lines=Lines(base=1, gaps=reader.gaps),
        ragged=tuple(reader.faults),
    )


def _read_csv(text: bytes, limits: ImportLimits, note: str) -> Table:
    header, header_line, delimiter = _header(text)
    if len(header) < 2:
        raise UnusableFileError("Its first line has a single column; date, open, high, low and close are needed.")
    if len(header) > limits.columns:
        raise UnusableFileError(f"Its first line has {len(header)} columns, which no table of bars has.")
    bare = is_data(header)
    header_line -= bare
    reader = _CsvReader(text, len(header), header_line, delimiter)
    table = reader.read()
    # A last line feed or a run of them leaves empty rows at the end, which are no rows at all.
    table = _without_blank_end(table)
    if table.num_rows == 0 and not reader.ragged:
        raise UnusableFileError("It has a header line and no rows.")
    ragged = tuple(BadRow(line=line, reason=reason) for line, reason in reader.ragged)
    base = header_line + 1
    gaps = [line - base - place for place, (line, _) in enumerate(reader.ragged)]
    names = guess_names(table.columns, delimiter) if bare else tuple(header)
    notes = [note] if note else []
    if bare:
        notes.append(f"there is no header line; the columns were taken for {', '.join(names)}")
    return Table(
        names=names,
        columns=tuple(table.columns),
        lines=Lines(base=base, gaps=gaps),
        ragged=ragged,
        delimiter=delimiter,
        notes=tuple(notes),
    )


def _header(text: bytes) -> tuple[list[str], int, str]:
    """Return the header's names, its line number (from 1), and what separates fields."""
    stream = io.BytesIO(text)
    for number in range(1, _LEADING_LINES + 1):
        line = stream.readline(100_000)
        if not line:
            break
        shown = line.decode("utf-8", errors="replace").strip()
        if not shown or shown.startswith("#"):
            continue
        delimiter = max(_DELIMITERS, key=shown.count)
        names = next(csv.reader([shown], delimiter=delimiter), [])
        return [name.strip() for name in names], number, delimiter
    raise UnusableFileError("It is empty.")


@dataclass
class _CsvReader:
    """Reads the rows under a header as columns of text."""

    text: bytes
    width: int
    header_line: int
    delimiter: str
    ragged: list[tuple[int, str]] = field(default_factory=list)

    def read(self) -> pa.Table:
        """Read on every core; only when a line does not fit, once more in order, to learn which lines they are."""
        try:
            return self._read(handler=None)
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return pa.table({str(column): pa.array([], pa.string()) for column in range(self.width)})
        try:
            return self._read(handler=self._note)
        except pa.ArrowInvalid as error:
            raise UnusableFileError(f"It cannot be read as a table: {shorten(clean_line(str(error)), 150)}") from error

    def _note(self, row: pa_csv.InvalidRow) -> str:
        line = self.header_line + row.number if row.number is not None else 0
        self.ragged.append((line, f"has {row.actual_columns} fields, the header {row.expected_columns}"))
        return "skip" if len(self.ragged) <= MOST_BAD_ROWS else "error"

    def _read(self, *, handler: object) -> pa.Table:
        names = [str(column) for column in range(self.width)]
        stream = io.BytesIO(self.text)
        for _ in range(self.header_line):
            stream.readline()
        return pa_csv.read_csv(
            stream,
            read_options=pa_csv.ReadOptions(column_names=names, use_threads=handler is None, block_size=4 << 20),
            parse_options=pa_csv.ParseOptions(
                delimiter=self.delimiter, ignore_empty_lines=False, invalid_row_handler=handler
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
            ),
        )


def _without_blank_end(table: pa.Table) -> pa.Table:
    end = table.num_rows
    while end and not any(column[end - 1].as_py() for column in table.columns):
        end -= 1
    return table.slice(0, end)
