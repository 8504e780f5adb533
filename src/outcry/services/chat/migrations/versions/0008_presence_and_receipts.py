"""What people chose to be, how far they have read, and what reached their devices."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables. Whoever is in a room already has read it: nobody begins with years of unread messages."""
    op.create_table(
        "standing",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("text", sa.String(100), nullable=False),
        sa.Column("emoji", sa.String(40), nullable=False),
        sa.Column("receipts", sa.Boolean(), nullable=False),
    )
    op.create_index("standing_person", "standing", ["user_id"])
    op.create_table(
        "reading",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("shown_read", sa.Integer(), nullable=False),
        sa.Column("shown_delivered", sa.Integer(), nullable=False),
        _membership(),
    )
    op.create_table(
        "delivery",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("device_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _membership(),
    )
    op.execute(
        "INSERT INTO reading (room_id, user_id, tenant_id, read, shown_read, shown_delivered)"
        " SELECT member.room_id, member.user_id, member.tenant_id, room.next_sequence - 1, 0, 0"
        " FROM member JOIN room ON room.id = member.room_id WHERE member.kind = 'person'"
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("delivery", "reading", "standing"):
        op.drop_table(table)


def _membership() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(("room_id", "user_id"), ("member.room_id", "member.user_id"), ondelete="CASCADE")
