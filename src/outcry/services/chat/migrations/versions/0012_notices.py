"""What each member of a room is told of, and mails about what they have not read."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns and the two tables."""
    op.add_column("member", sa.Column("notices", sa.String(20)))
    op.add_column("member", sa.Column("muted_until", sa.BigInteger()))
    op.create_table(
        "notice_choice",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("quiet_start", sa.Integer()),
        sa.Column("quiet_end", sa.Integer()),
        sa.Column("mail", sa.String(20), nullable=False),
        sa.Column("mail_after", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("mail_id", sa.Uuid()),
        sa.Column("mailed_at", sa.BigInteger()),
        sa.Column("claimed_until", sa.BigInteger()),
    )
    op.create_index("notice_choice_person", "notice_choice", ["user_id"])
    op.create_index("notice_choice_token", "notice_choice", ["token"], unique=True)
    op.create_table(
        "notice",
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("called", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("notice_due", "notice", ["due_at"])
    op.create_index("notice_message", "notice", ["message_id"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("notice")
    op.drop_table("notice_choice")
    op.drop_column("member", "muted_until")
    op.drop_column("member", "notices")
