"""Facts of instruments, splits and dividends, imports with the rows that they refused."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the tables."""
    op.add_column("instrument", sa.Column("tick_size", sa.Float(), nullable=True))
    op.add_column("instrument", sa.Column("lot_size", sa.Float(), nullable=True))
    op.add_column("instrument", sa.Column("calendar", sa.String(32), nullable=False, server_default=""))
    op.add_column("instrument", sa.Column("identifiers", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("instrument", sa.Column("active_from", sa.Date(), nullable=True))
    op.add_column("instrument", sa.Column("active_until", sa.Date(), nullable=True))
    op.execute("UPDATE instrument SET kind = 'fx' WHERE kind = 'currency'")
    op.create_table(
        "corporate_action",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("symbol", sa.String(32), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("ratio", sa.Float(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("tenant_id", "symbol", "date", "kind"),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
    )
    op.create_index("import_run_by_tenant", "import_run", ["tenant_id", "id"])
    op.create_table(
        "refused_row",
        sa.Column("import_id", sa.Uuid(), primary_key=True),
        sa.Column("file", sa.Integer(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
    )


def downgrade() -> None:
    """Remove them again."""
    op.drop_table("refused_row")
    op.drop_index("import_run_by_tenant", "import_run")
    op.drop_table("import_run")
    op.drop_table("corporate_action")
    op.execute("UPDATE instrument SET kind = 'currency' WHERE kind = 'fx'")
    for column in ("active_until", "active_from", "identifiers", "calendar", "lot_size", "tick_size"):
        op.drop_column("instrument", column)
