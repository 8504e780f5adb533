"""Edits, removals, reactions, pins, quotes and mentions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_COLUMNS = (
    ("edited_at", sa.BigInteger()),
    ("quote_room_id", sa.Uuid()),
    ("quote_id", sa.Uuid()),
    ("quote_sequence", sa.Integer()),
    ("mentions", sa.JSON()),
    ("reactions", sa.JSON()),
    ("pinned_at", sa.BigInteger()),
    ("pinned_by", sa.Uuid()),
    ("removed_at", sa.BigInteger()),
    ("removed_by", sa.Uuid()),
    ("removal_reason", sa.String(300)),
)
_FEW = (
    ("message_pinned", "room_id", "pinned_at IS NOT NULL"),
    ("message_removed_by", "removed_by", "removed_by IS NOT NULL"),
)


def _message_id() -> sa.Column[object]:
    return sa.Column("message_id", sa.Uuid(), sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("message", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    for name, kind in _COLUMNS:
        op.add_column("message", sa.Column(name, kind))
    # Few messages have one, so the indexes are small.
    for name, column, condition in _FEW:
        some = sa.text(condition)
        op.create_index(name, "message", [column], sqlite_where=some, postgresql_where=some)
    op.create_table(
        "message_version",
        _message_id(),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON()),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "message_reaction",
        _message_id(),
        sa.Column("emoji", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("reacted_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("reaction_person", "message_reaction", ["user_id"])
    op.create_table(
        "message_mention",
        _message_id(),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
    )
    op.create_index("mention_person", "message_mention", ["person_id", "room_id", "sequence"])


def downgrade() -> None:
    """Remove them."""
    for table in ("message_mention", "message_reaction", "message_version"):
        op.drop_table(table)
    for name, _, _ in _FEW:
        op.drop_index(name, "message")
    for name, _ in _COLUMNS:
        op.drop_column("message", name)
    op.drop_column("message", "revision")
