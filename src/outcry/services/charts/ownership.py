"""What people keep for themselves or share with their organisation: layouts, templates, watchlists."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Integer, String, Uuid, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from outcry.kit.errors import ForbiddenError, InvalidInputError
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Instant

MOST_NAME = 80


class Kept:
    """The columns of something kept. Whose it is, is None once they are erased and others still share it."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    owner_id: Mapped[UUID | None] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(MOST_NAME))
    shared: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


def visible_to(principal: Principal, table: type[Kept]) -> ColumnElement[bool]:
    """Return the condition that a row is the person's own, or shared with their organisation."""
    mine = or_(table.owner_id == principal.user_id, table.shared.is_(True))
    return and_(table.tenant_id == principal.tenant_id, mine)


def may_change(principal: Principal, row: Kept, *, what: str) -> bool:
    """Say whether somebody who sees a thing may change it: its owner, and of a shared one whoever manages them."""
    return row.owner_id == principal.user_id or (row.shared and principal.may(f"charts:{what}:manage"))


def require_change(principal: Principal, row: Kept, *, what: str) -> None:
    """Raise ForbiddenError unless somebody who sees a thing may change it."""
    if not may_change(principal, row, what=what):
        raise ForbiddenError("Only who made it, or an admin, may change this.")


def require_share(principal: Principal, *, shared: bool, what: str) -> None:
    """Raise ForbiddenError where somebody shares a thing whose role does not include that."""
    if shared:
        principal.require(f"charts:{what}:share")


def clean_name(name: str) -> str:
    """Return a name as one line; raises InvalidInputError where it is empty or too long."""
    cleaned = clean_line(name)
    if not cleaned or len(cleaned) > MOST_NAME:
        message = "is empty" if not cleaned else f"has more than {MOST_NAME} characters"
        raise InvalidInputError(f"The name {message}.", errors=({"field": "name", "message": message},))
    return cleaned
