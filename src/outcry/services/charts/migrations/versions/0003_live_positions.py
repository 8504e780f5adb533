"""How far live bars were written."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "live_position",
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("symbol", sa.String(32), primary_key=True),
        sa.Column("known_since", Instant(), nullable=False),
        sa.Column("settled_until", Instant(), nullable=False),
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("live_position")
