"""The tables of drawings: how each is, and how each was after every act."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.charts.drawings.contracts import Act, Drawing, DrawingVersion, Kind, Point, Style
from outcry.services.charts.drawings.rules import Content, side_of
from outcry.services.charts.models import Base

POINTS: TypeAdapter[tuple[Point, ...]] = TypeAdapter(tuple[Point, ...])
STYLE: TypeAdapter[Style] = TypeAdapter(Style)


class _Placed:
    """Where a drawing is: a chart is a symbol in the scope of a ``person`` or a ``room``, whose id ``scope_id`` is."""

    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(10))
    scope_id: Mapped[UUID] = mapped_column(Uuid)
    symbol: Mapped[str] = mapped_column(String(32))


class _Shaped:
    """What a drawing is. ``text_by`` is the person whose words the text is."""

    kind: Mapped[str] = mapped_column(String(20))
    points: Mapped[list[Any]] = mapped_column(JSON)
    style: Mapped[dict[str, Any]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    text_by: Mapped[UUID | None] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(Integer)
    deleted: Mapped[bool] = mapped_column(Boolean)
    changed_by: Mapped[UUID | None] = mapped_column(Uuid)
    changed_at: Mapped[datetime] = mapped_column(Instant)

    def content(self) -> Content:
        """Return what of it a person chose."""
        return Content(
            points=POINTS.validate_python(self.points), style=STYLE.validate_python(self.style), text=self.text
        )

    def take(self, content: Content) -> None:
        """Be of another content."""
        self.points = POINTS.dump_python(content.points, mode="json")
        self.style = STYLE.dump_python(content.style, mode="json")
        self.text = content.text


class DrawingRow(_Placed, _Shaped, Base):
    """A drawing as it is now; one that is deleted stays a while, to be brought back."""

    __tablename__ = "drawing"
    __table_args__ = (
        Index("drawing_chart", "scope_id", "symbol"),
        Index("drawing_maker", "created_by"),
        Index("drawing_tenant", "tenant_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Instant)

    def to_drawing(self) -> Drawing:
        """Return the drawing as the contracts have it."""
        content, kind = self.content(), cast(Kind, self.kind)
        return Drawing(
            id=self.id,
            symbol=self.symbol,
            room_id=self.scope_id if self.scope == "room" else None,
            kind=kind,
            points=content.points,
            style=content.style,
            text=content.text,
            side=side_of(kind, content.points),
            version=self.version,
            created_by=self.created_by,
            created_at=self.created_at,
            changed_by=self.changed_by,
            changed_at=self.changed_at,
        )


class DrawingVersionRow(_Placed, _Shaped, Base):
    """A drawing after an act. Ids grow, so they order the acts of a chart.

    ``turn`` says of a person's own act whether it is ``done``, ``undone`` (and can be done again) or ``settled``
    (neither); of what undo and redo wrote it is ``settled`` from the start.
    """

    __tablename__ = "drawing_version"
    __table_args__ = (
        UniqueConstraint("drawing_id", "version"),
        Index("drawing_version_chart", "scope_id", "symbol", "changed_by", "turn"),
        Index("drawing_version_maker", "changed_by"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    drawing_id: Mapped[UUID] = mapped_column(ForeignKey("drawing.id", ondelete="CASCADE"))
    act: Mapped[str] = mapped_column(String(10))
    turn: Mapped[str] = mapped_column(String(10))

    def to_version(self) -> DrawingVersion:
        """Return the version as the contracts have it."""
        content = self.content()
        return DrawingVersion(
            drawing_id=self.drawing_id,
            version=self.version,
            act=cast(Act, self.act),
            kind=cast(Kind, self.kind),
            points=content.points,
            style=content.style,
            text=content.text,
            deleted=self.deleted,
            changed_by=self.changed_by,
            changed_at=self.changed_at,
        )
