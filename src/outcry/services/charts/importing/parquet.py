"""Parquet files into columns, within bounds: what a file says of itself is checked before anything is unpacked."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pa_parquet

from outcry.services.charts.importing.columns import is_needed
from outcry.services.charts.importing.report import ImportLimits, UnusableFileError

# A footer is parsed whole: more entries than this are no table of bars.
_MOST_ENTRIES = 100_000
_LONGEST_TEXT = 100
_BATCH = 262_144


def read_parquet(path: Path, limits: ImportLimits) -> tuple[tuple[str, ...], tuple[pa.ChunkedArray, ...]]:
    """Return the names and columns of a file; raises UnusableFileError for one that is damaged, or too large unpacked.

    Only columns with the heading of something needed are unpacked; the others come as empty values. Text is read as a
    dictionary, so that one long value that stands in a million rows takes its place once.
    """
    damaged = f"{path.name} begins like a Parquet file but cannot be read: it is damaged."
    try:
        with pa_parquet.ParquetFile(
            path, thrift_string_size_limit=16_000_000, thrift_container_size_limit=_MOST_ENTRIES
        ) as file:
            _check(path, file.metadata, limits)
            schema = file.schema_arrow
            names = tuple(str(name) for name in schema.names)
            wanted = [name for name in names if is_needed(name) and names.count(name) == 1]
            _check_unpacked(path, file.metadata, wanted, limits)
            texts = [name for name in wanted if _is_text(schema.field(name).type)]
        with pa_parquet.ParquetFile(path, read_dictionary=texts) as file:
            table = _read(path, file, wanted, limits)
    except (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
        raise UnusableFileError(damaged) from error
    nothing = pa.chunked_array([pa.nulls(table.num_rows)])
    return names, tuple(_plain(path, table.column(name)) if name in wanted else nothing for name in names)


def _check(path: Path, metadata: pa_parquet.FileMetaData, limits: ImportLimits) -> None:
    if metadata.num_columns > limits.columns:
        raise UnusableFileError(f"{path.name} has {metadata.num_columns:,} columns, which no table of bars has.")
    if metadata.num_rows > limits.rows:
        raise UnusableFileError(f"{path.name} has {metadata.num_rows:,} rows; {limits.rows:,} are the most.")
    if metadata.num_rows == 0:
        raise UnusableFileError(f"{path.name} has columns but no rows.")


def _check_unpacked(path: Path, metadata: pa_parquet.FileMetaData, wanted: Sequence[str], limits: ImportLimits) -> None:
    unpacked = 0
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for column in range(row_group.num_columns):
            chunk = row_group.column(column)
            if chunk.path_in_schema in wanted:
                unpacked += max(0, chunk.total_uncompressed_size)
    if unpacked > limits.bytes:
        raise UnusableFileError(f"{path.name} has {unpacked:,} bytes unpacked; {limits.bytes:,} are the most.")


def _read(path: Path, file: pa_parquet.ParquetFile, wanted: Sequence[str], limits: ImportLimits) -> pa.Table:
    """Read in parts, and stop when they are more than the file said."""
    parts, rows, size = [], 0, 0
    for part in file.iter_batches(batch_size=_BATCH, columns=list(wanted)):
        parts.append(part)
        rows += part.num_rows
        size += part.nbytes
        if rows > limits.rows or size > limits.bytes:
            raise UnusableFileError(f"{path.name} holds more than it says, and more than is taken.")
    schema = parts[0].schema if parts else file.schema_arrow.empty_table().select(list(wanted)).schema
    return pa.Table.from_batches(parts, schema=schema)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _plain(path: Path, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of text as text; raises UnusableFileError where one of its values is too long for any."""
    if not pa.types.is_dictionary(column.type):
        return column
    for chunk in column.chunks:
        longest = pc.max(pc.binary_length(chunk.dictionary)).as_py() or 0
        if longest > _LONGEST_TEXT:
            raise UnusableFileError(
                f"{path.name} has a text of {longest:,} bytes where a date, number or symbol stands."
            )
    return column.cast(pa.string())
