"""Where the request that led to an event came from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; events that wait already have no address."""
    op.add_column("outbox", sa.Column("address", sa.String(64), nullable=False, server_default=""))
