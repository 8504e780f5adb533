"""What the assistant's messages were made of, and who stopped a reply."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the table, and the column."""
    op.create_table(
        "citation",
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("source_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("quoted", sa.Boolean(), nullable=False),
    )
    op.create_index("citation_source", "citation", ["source_id"])
    op.add_column("message", sa.Column("stopped_by", sa.Uuid()))
    some = sa.text("stopped_by IS NOT NULL")
    # Few replies are stopped, so the index is small.
    op.create_index("message_stopped_by", "message", ["stopped_by"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Remove them."""
    op.drop_index("message_stopped_by", "message")
    op.drop_column("message", "stopped_by")
    op.drop_table("citation")
