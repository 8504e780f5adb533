"""Names of people are no longer stored; what is somebody's words can be found and erased."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Empty and drop the names, note whose words a title is, and take texts out of undelivered events."""
    op.execute("UPDATE member SET name = ''")
    op.execute("ALTER TABLE member DROP COLUMN name")
    op.execute("UPDATE message SET author_name = ''")
    op.execute("ALTER TABLE message DROP COLUMN author_name")
    op.create_index("message_author", "message", ["author_id", "room_id"])
    _titles()
    _events()


def _titles() -> None:
    op.add_column("room", sa.Column("titled_by", sa.Uuid()))
    op.create_index("room_titled_by", "room", ["titled_by"])
    op.create_index("room_tenant", "room", ["tenant_id"])
    op.execute(
        "UPDATE room SET titled_by = (SELECT user_id FROM member WHERE member.room_id = room.id"
        " AND member.role = 'owner' LIMIT 1) WHERE title_chosen"
    )
    op.execute(
        "UPDATE room SET titled_by = (SELECT author_id FROM message WHERE message.room_id = room.id"
        " AND message.author_kind = 'person' ORDER BY sequence LIMIT 1) WHERE NOT title_chosen"
    )


def _events() -> None:
    outbox = sa.table("outbox", sa.column("position", sa.BigInteger()), sa.column("name"), sa.column("data", sa.JSON()))
    connection = op.get_bind()
    posted = sa.select(outbox.c.position, outbox.c.data).where(outbox.c.name == "chat.message_posted.v1")
    for position, data in connection.execute(posted).all():
        kept = {key: value for key, value in data.items() if key != "text"}
        connection.execute(sa.update(outbox).where(outbox.c.position == position).values(data=kept))
