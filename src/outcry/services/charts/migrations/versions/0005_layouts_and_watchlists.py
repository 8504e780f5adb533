"""Layouts and templates of charts, and watchlists."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "layout",
        *_kept(),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("chart", sa.JSON(), nullable=False),
    )
    op.create_table(
        "default_layout",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("layout_id", sa.Uuid(), sa.ForeignKey("layout.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_table(
        "watchlist",
        *_kept(),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("symbols", sa.JSON(), nullable=False),
    )
    for table in ("layout", "watchlist"):
        op.create_index(f"{table}_tenant", table, ["tenant_id"])
        op.create_index(f"{table}_owner", table, ["owner_id"])


def _kept() -> tuple["sa.Column[object]", ...]:
    return (
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("watchlist")
    op.drop_table("default_layout")
    op.drop_table("layout")
