"""What companies reported, each figure with the day on which it was filed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "fact",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("symbol", sa.String(32), nullable=False),
        sa.Column("concept", sa.String(241), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("filing", sa.String(64), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("filed", sa.Date(), nullable=False),
        sa.Column("accession", sa.String(40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=True),
        sa.Column("fiscal_period", sa.String(4), nullable=False),
    )
    op.create_index("fact_by_concept", "fact", ["tenant_id", "symbol", "concept", "period_end"])
    op.create_index("fact_by_filing", "fact", ["tenant_id", "symbol", "filing"])


def downgrade() -> None:
    """Remove it again."""
    op.drop_index("fact_by_filing", "fact")
    op.drop_index("fact_by_concept", "fact")
    op.drop_table("fact")
