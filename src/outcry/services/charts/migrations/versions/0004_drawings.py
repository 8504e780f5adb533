"""Drawings, and how each was after every act."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "drawing",
        sa.Column("id", sa.Uuid(), primary_key=True),
        *_shared(),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_index("drawing_chart", "drawing", ["scope_id", "symbol"])
    op.create_index("drawing_maker", "drawing", ["created_by"])
    op.create_index("drawing_tenant", "drawing", ["tenant_id"])
    op.create_table(
        "drawing_version",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("drawing_id", sa.Uuid(), sa.ForeignKey("drawing.id", ondelete="CASCADE"), nullable=False),
        *_shared(),
        sa.Column("act", sa.String(10), nullable=False),
        sa.Column("turn", sa.String(10), nullable=False),
        sa.UniqueConstraint("drawing_id", "version"),
    )
    op.create_index("drawing_version_chart", "drawing_version", ["scope_id", "symbol", "changed_by", "turn"])
    op.create_index("drawing_version_maker", "drawing_version", ["changed_by"])


def _shared() -> tuple["sa.Column[object]", ...]:
    return (
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("symbol", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("style", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_by", sa.Uuid()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Uuid()),
        sa.Column("changed_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("drawing_version")
    op.drop_table("drawing")
