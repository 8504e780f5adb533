"""Brings a service's database to the newest form of its tables, by Alembic, without env files."""

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, folder: Path, version_table: str) -> list[str]:
    """Run the migrations in ``folder/versions`` that are not in yet; return their revision ids, oldest first.

    The caller's connection is in a transaction, so a migration that fails leaves nothing behind.
    """
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    before = MigrationContext.configure(connection, opts={"version_table": version_table})
    current = before.get_current_revision()
    if current == script.get_current_head():
        return []
    done: list[str] = []

    def steps(revision: Any, _context: MigrationContext) -> Any:
        # What Alembic's own `upgrade` command calls; there is no public name for it without an env.py.
        planned = script._upgrade_revs("head", revision)
        done.extend(str(step.revision.revision) for step in planned if isinstance(step, RevisionStep))
        return planned

    with EnvironmentContext(config, script, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, version_table=version_table)
        environment.run_migrations()
    return done
