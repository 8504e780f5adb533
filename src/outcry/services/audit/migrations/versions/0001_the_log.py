"""Logs, their entries, tiles and checkpoints."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "log",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "entry",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("index", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("time", Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("act", sa.String(120), nullable=False),
        sa.Column("object_type", sa.String(60), nullable=False),
        sa.Column("object_id", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
    )
    op.create_index("entry_time", "entry", ["tenant_id", "time"])
    op.create_index("entry_actor", "entry", ["tenant_id", "actor_id", "index"])
    op.create_index("entry_person", "entry", ["tenant_id", "person_id", "index"])
    op.create_index("entry_object", "entry", ["tenant_id", "object_id", "index"])
    op.create_table(
        "tile",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("index", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("size", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("time", Instant(), nullable=False),
        sa.Column("copied", sa.Boolean(), nullable=False),
    )
    op.create_index("checkpoint_copied", "checkpoint", ["copied"])


def downgrade() -> None:
    """Remove the tables."""
    for table in ("checkpoint", "tile", "entry", "log"):
        op.drop_table(table)
