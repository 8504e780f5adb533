"""Rooms, their members and their messages."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "room",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("title_chosen", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_activity_at", sa.BigInteger(), nullable=False),
        sa.Column("last_text", sa.String(200), nullable=False),
        sa.Column("next_sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "member",
        sa.Column("room_id", sa.Uuid(), sa.ForeignKey("room.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("member_rooms", "member", ["user_id", "archived"])
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), sa.ForeignKey("room.id", ondelete="CASCADE"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_kind", sa.String(20), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("reply_to", sa.Uuid()),
        sa.Column("client_id", sa.String(64)),
        sa.Column("activity", sa.String(300), nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.UniqueConstraint("room_id", "sequence", name="message_order"),
        sa.UniqueConstraint("room_id", "author_id", "client_id", name="message_once"),
        sa.UniqueConstraint("reply_to", name="message_one_reply"),
    )
    op.create_index("message_streaming", "message", ["status"])
