"""Questions that want a reply, and model servers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "reply",
        sa.Column("question_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("version", sa.Integer()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("reply_open", "reply", ["status"])
    op.create_table(
        "model_server",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("base_url", sa.String(500), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary()),
        sa.Column("key_hint", sa.String(20), nullable=False),
        sa.Column("private_allowed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
    )


def downgrade() -> None:
    """Take the two tables away."""
    op.drop_table("model_server")
    op.drop_table("reply")
