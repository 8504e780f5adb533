"""Moderation, and how long rooms keep messages."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_MEMBER = ("silenced_at", "silenced_until", "last_posted_at")
_ROOM = ("slow_s", "floor")


def _uuid(name: str, *, key: bool = False, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), primary_key=key, nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _parent(table: str) -> sa.Column[object]:
    parent = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(f"{table}_id", sa.Uuid(), parent, primary_key=True, nullable=False)


def upgrade() -> None:
    """Add the columns and tables."""
    for name in _MEMBER:
        op.add_column("member", _time(name, null=True))
    for name in _ROOM:
        op.add_column("room", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    _add_moderation()
    _add_retention()


def _add_moderation() -> None:
    op.create_table(
        "room_restraint",
        _parent("room"),
        _uuid("user_id", key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        _uuid("tenant_id"),
        _time("since"),
        _time("until", null=True),
        _uuid("by"),
    )
    op.create_index("restraint_person", "room_restraint", ["user_id"])
    op.create_table(
        "word_list",
        _uuid("tenant_id", key=True),
        _uuid("room_id", key=True),
        sa.Column("entries", sa.JSON(), nullable=False),
        _uuid("changed_by"),
        _time("changed_at"),
    )
    op.create_table(
        "review_case",
        _parent("message"),
        _uuid("tenant_id"),
        _uuid("room_id"),
        _uuid("author_id"),
        sa.Column("state", sa.String(20), nullable=False),
        _time("opened_at"),
        _uuid("decided_by", null=True),
        _time("decided_at", null=True),
        sa.Column("note", sa.String(300), nullable=False),
    )
    op.create_index("case_queue", "review_case", ["tenant_id", "state", "opened_at"])
    op.create_index("case_decided_by", "review_case", ["decided_by"])
    op.create_table(
        "message_report",
        _parent("message"),
        _uuid("reporter_id", key=True),
        _uuid("tenant_id"),
        sa.Column("reason", sa.String(500), nullable=False),
        _time("at"),
    )
    op.create_index("report_person", "message_report", ["reporter_id"])


def _add_retention() -> None:
    op.create_table(
        "retention_rule",
        _uuid("tenant_id", key=True),
        _uuid("room_id", key=True),
        sa.Column("days", sa.Integer(), nullable=False),
        _uuid("changed_by"),
        _time("changed_at"),
    )
    op.create_table(
        "legal_hold",
        _uuid("tenant_id", key=True),
        _uuid("room_id", key=True),
        sa.Column("reason", sa.String(500), nullable=False),
        _uuid("placed_by"),
        _time("placed_at"),
    )
    op.create_index("hold_placed_by", "legal_hold", ["placed_by"])
    op.create_table(
        "held_message",
        _uuid("message_id", key=True),
        _uuid("tenant_id"),
        _uuid("room_id"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _uuid("author_id"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        _time("written_at"),
    )
    op.create_index("held_room", "held_message", ["tenant_id", "room_id", "sequence"])
    op.create_index("held_author", "held_message", ["author_id"])
    op.create_table("retention_sweep", sa.Column("id", sa.Integer(), primary_key=True), _time("claimed_until"))


def downgrade() -> None:
    """Remove them."""
    for table in ("retention_sweep", "held_message", "legal_hold", "retention_rule"):
        op.drop_table(table)
    for table in ("message_report", "review_case", "word_list", "room_restraint"):
        op.drop_table(table)
    for name in _ROOM:
        op.drop_column("room", name)
    for name in _MEMBER:
        op.drop_column("member", name)
