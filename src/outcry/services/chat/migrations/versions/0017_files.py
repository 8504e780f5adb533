"""Files that people send, and the bytes that they are."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the two tables, and let messages have files."""
    op.create_table(
        "file_content",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
    )
    op.create_index("file_content_doubtful", "file_content", ["doubtful"])
    op.create_table(
        "file",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("sequence", sa.Integer()),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("disguised", sa.Boolean(), nullable=False),
        sa.Column("cleaned", sa.Boolean(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("file_message", "file", ["message_id"])
    op.create_index("file_room", "file", ["room_id", "sequence", "place"])
    op.create_index("file_uploader", "file", ["uploader_id"])
    op.create_index("file_bytes", "file", ["tenant_id", "digest"])
    op.add_column("message", sa.Column("files", sa.JSON()))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("message", "files")
    op.drop_table("file")
    op.drop_table("file_content")
