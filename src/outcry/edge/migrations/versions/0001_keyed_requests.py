"""Requests that came with an Idempotency-Key, and what they were answered."""

import sqlalchemy as sa
from alembic import op

from outcry.ports.database import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "keyed_request",
        sa.Column("id", sa.LargeBinary(32), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("sealed", sa.Text()),
    )
    op.create_index("keyed_request_person", "keyed_request", ["person_id", "begun_at"])
    op.create_index("keyed_request_tenant", "keyed_request", ["tenant_id"])
    op.create_index("keyed_request_begun", "keyed_request", ["begun_at"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("keyed_request")
