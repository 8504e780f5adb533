"""Many rows at once, past SQLAlchemy's work for each of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import LargeBinary, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]


def to_records(dialect: Dialect, table: Table, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Return rows as the driver takes them: a value for each column of the table, in its order."""
    columns = []
    for column in table.columns:
        values = [row[column.name] for row in rows]
        # Every driver takes bytes as they are.
        binary = isinstance(column.type, LargeBinary)
        convert = None if binary else column.type.dialect_impl(dialect).bind_processor(dialect)
        columns.append(map(convert, values) if convert else values)
    return list(zip(*columns, strict=True))


async def insert_many(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert by one prepared statement, as SQLite is quickest."""
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    places = ", ".join("?" * len(table.columns))
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({places})"  # noqa: S608  # our own names, quoted
    await connection.exec_driver_sql(statement, to_records(connection.dialect, table, rows))
