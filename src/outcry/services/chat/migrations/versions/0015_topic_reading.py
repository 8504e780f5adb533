"""How far people have read each topic. Until now one mark stood for the whole room: each topic begins at it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"


def upgrade() -> None:
    """Make the table, and fill it from the marks of rooms."""
    op.create_table(
        "topic_reading",
        sa.Column("room_id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("topic_id", sa.Uuid(), sa.ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("shown_read", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room_id", "user_id"], ["member.room_id", "member.user_id"], ondelete="CASCADE"),
    )
    op.execute(
        'INSERT INTO topic_reading (room_id, user_id, topic_id, tenant_id, "read", shown_read)'
        ' SELECT reading.room_id, reading.user_id, topic.id, reading.tenant_id, reading."read", reading.shown_read'
        " FROM reading JOIN topic ON topic.room_id = reading.room_id"
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("topic_reading")
