"""Drafts, and messages that are sent later."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def _room_id(*, key: bool) -> sa.Column[object]:
    room = sa.ForeignKey("room.id", ondelete="CASCADE")
    return sa.Column("room_id", sa.Uuid(), room, primary_key=key, nullable=False)


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "draft",
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        _room_id(key=True),
        sa.Column("topic_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "later",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        _room_id(key=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON()),
        sa.Column("quote_id", sa.Uuid()),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("problem", sa.String(300), nullable=False),
        sa.Column("claimed_until", sa.BigInteger()),
    )
    op.create_index("later_due", "later", ["state", "due_at"])
    op.create_index("later_person", "later", ["user_id"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("later")
    op.drop_table("draft")
