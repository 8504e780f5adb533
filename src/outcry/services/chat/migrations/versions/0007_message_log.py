"""The durable log of rooms: what happened, in which order, without its words."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the three tables. Rooms of before have no entry: their log begins with what happens next."""
    op.create_table(
        "log_lineage",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("store", sa.String(200), nullable=False),
    )
    op.create_table(
        "log_head",
        sa.Column("log_id", sa.Uuid(), primary_key=True),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "log_entry",
        sa.Column("log_id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("log_entry_at", "log_entry", ["at"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("log_entry")
    op.drop_table("log_head")
    op.drop_table("log_lineage")
