"""The migrations make exactly the tables that the code knows."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from outcry.services.auth.models import access, factors, people
from outcry.services.auth.models.metadata import Base
from tests.services.auth.conftest import Desk

KNOWN = (access, factors, people)  # importing them is what fills the metadata


async def test_migrations_and_models_agree(desk: Desk) -> None:
    def compare(connection: Connection) -> list[object]:
        known = Base.metadata.tables
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in known}
        )
        return list(compare_metadata(context, Base.metadata))

    async with desk.database.reading() as session:
        connection = await session.connection()
        assert await connection.run_sync(compare) == []
