"""The tables of searching."""

from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.services.chat.models import Base


class ChangeRow(Base):
    """A message that changed and that the index has not heard of; a whole room that is gone, without ``message_id``.

    Written in the transaction of the change and deleted once the index has it on disk.
    """

    __tablename__ = "search_change"

    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    message_id: Mapped[UUID | None] = mapped_column(Uuid)


class StateRow(Base):
    """The number of the newest batch whose changes were deleted, in one row of id 1."""

    __tablename__ = "search_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    batch: Mapped[int] = mapped_column(BigInteger)
