"""Shared charts, and whose drawings are in them."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "share",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("symbol", sa.String(32), nullable=False),
        sa.Column("timeframe", sa.String(4), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("room_id", sa.Uuid()),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), unique=True),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("last_opened_at", Instant()),
    )
    op.create_index("share_owner", "share", ["owner_id"])
    op.create_index("share_tenant", "share", ["tenant_id", "created_at"])
    op.create_table(
        "share_author",
        sa.Column("share_id", sa.Uuid(), sa.ForeignKey("share.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
    )
    op.create_index("share_author_person", "share_author", ["person_id"])


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("share_author")
    op.drop_table("share")
