"""Which parts of the logs lie in the archive."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "archive",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("first", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("time", Instant(), nullable=False),
    )
    op.create_index("archive_state", "archive", ["state", "time"])


def downgrade() -> None:
    """Remove the table. Leaves that lie in the archive do not come back by it."""
    op.drop_table("archive")
