"""The Database port on PostgreSQL: a schema per service."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import Table, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from outcry.adapters.database.bulk import Row, to_records
from outcry.adapters.database.relational import RelationalDatabase
from outcry.kit.clock import Clock


class PostgresqlDatabase(RelationalDatabase):
    """One schema of one PostgreSQL database, chosen by the connection's search_path."""

    def __init__(self, dsn: str, *, schema: str, clock: Clock, pool_size: int = 5) -> None:
        engine = create_async_engine(
            make_url(dsn).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            connect_args={"server_settings": {"search_path": schema, "application_name": f"outcry-{schema}"}},
        )
        self._schema = schema
        super().__init__(name=schema, writer=engine, reader=engine, clock=clock)
        self._gone = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError)

    async def _insert_many(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
        """Insert by COPY."""
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        if not driver.is_in_transaction():
            # SQLAlchemy begins the transaction with its own first statement.
            await connection.exec_driver_sql("SELECT 1")
        names = [column.name for column in table.columns]
        records = to_records(connection.dialect, table, rows)
        try:
            await driver.copy_records_to_table(table.name, records=records, columns=names)
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(f"COPY {table.name}", None, error) from error

    async def _overwrite_deleted(self) -> None:
        """Let the server remove dead rows. Their bytes may stay in free space and in its log until it reuses them."""
        tables = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
        async with self._writer.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in list(await connection.scalars(tables, {"schema": self._schema})):
                await connection.execute(text(f'VACUUM "{self._schema}"."{table}"'))

    async def _prepare(self, connection: AsyncConnection) -> None:
        # Two processes that start at once migrate one after the other.
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"outcry-migrate-{self._schema}"}
        )
        await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"'))
