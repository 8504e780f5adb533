"""Files that a legal hold keeps although their message is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column; what was there before is not held."""
    op.add_column("file", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Remove it; files that were held lie there then without showing, until their message's row goes."""
    op.drop_column("file", "held")
