"""Kinds of rooms, what each member makes of theirs, topics inside a room, and links that let somebody in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and tables; a room of people only was what is called private now."""
    op.add_column("room", sa.Column("description", sa.String(500), nullable=False, server_default=""))
    op.add_column("room", sa.Column("described_by", sa.Uuid()))
    op.add_column("room", sa.Column("pair", sa.String(80)))
    op.add_column("member", sa.Column("favourite", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("member", sa.Column("muted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("member", sa.Column("section", sa.String(60), nullable=False, server_default=""))
    op.add_column("message", sa.Column("topic_id", sa.Uuid()))
    op.create_index("room_described_by", "room", ["described_by"])
    op.create_index("room_pair", "room", ["tenant_id", "pair"], unique=True)
    op.create_index("message_topic", "message", ["topic_id", "sequence"])
    op.execute("UPDATE room SET kind = 'private' WHERE kind = 'room'")
    _make_topics()
    _make_links()


def _make_topics() -> None:
    op.create_table(
        "topic",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), sa.ForeignKey("room.id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("titled_by", sa.Uuid()),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_activity_at", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
    )
    op.create_index("topic_room", "topic", ["room_id", "archived", "last_activity_at"])
    op.create_index("topic_titled_by", "topic", ["titled_by"])
    op.create_index("topic_started_by", "topic", ["started_by"])


def _make_links() -> None:
    op.create_table(
        "room_link",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), sa.ForeignKey("room.id", ondelete="CASCADE"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("guests", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("most_uses", sa.Integer()),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
    )
    op.create_index("room_link_room", "room_link", ["room_id"])
    op.create_index("room_link_made_by", "room_link", ["made_by"])


def downgrade() -> None:
    """Remove them; a room of people only is called as before."""
    op.drop_table("room_link")
    op.drop_table("topic")
    op.execute("UPDATE room SET kind = 'room' WHERE kind NOT IN ('conversation', 'room')")
    op.drop_index("message_topic", "message")
    op.drop_index("room_pair", "room")
    op.drop_index("room_described_by", "room")
    op.drop_column("message", "topic_id")
    for name in ("favourite", "muted", "section"):
        op.drop_column("member", name)
    for name in ("description", "described_by", "pair"):
        op.drop_column("room", name)
