"""What links lead to: pages that were fetched, messages that show them, and organisations that want none."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables, and the columns of messages."""
    op.create_table(
        "preview_wish",
        sa.Column("message_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger()),
    )
    op.create_index("preview_wish_due", "preview_wish", ["due_at"])
    op.create_table(
        "preview_page",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("description", sa.String(600), nullable=False),
        sa.Column("site", sa.String(120), nullable=False),
        sa.Column("picture_id", sa.Uuid()),
        sa.Column("picture_width", sa.Integer(), nullable=False),
        sa.Column("picture_height", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("tenant_id", "digest", name="preview_page_once"),
    )
    op.create_table(
        "preview_use",
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("page_id", sa.Uuid(), sa.ForeignKey("preview_page.id"), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
    )
    op.create_index("preview_use_page", "preview_use", ["page_id"])
    op.create_table(
        "preview_switch",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.add_column("message", sa.Column("previews", sa.JSON()))
    op.add_column("message", sa.Column("previews_off", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("message", "previews_off")
    op.drop_column("message", "previews")
    for table in ("preview_switch", "preview_use", "preview_page", "preview_wish"):
        op.drop_table(table)
