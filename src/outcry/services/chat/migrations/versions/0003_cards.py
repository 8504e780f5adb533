"""Charts that people show in their messages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    op.add_column("message", sa.Column("cards", sa.JSON()))


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("message", "cards")
