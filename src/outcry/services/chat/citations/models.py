"""The table of what the assistant's messages lean on."""

from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.services.chat.models import Base


class CitationRow(Base):
    """A message of the assistant that was made of another one. ``quoted`` says that words of that one stand in it.

    The other one may be in another room and be deleted with it, hence no foreign key.
    """

    __tablename__ = "citation"
    __table_args__ = (Index("citation_source", "source_id"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    quoted: Mapped[bool] = mapped_column(Boolean)
