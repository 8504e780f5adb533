"""Who asks: made once at the edge, passed explicitly everywhere."""

from dataclasses import dataclass
from uuid import UUID

from outcry.kit.errors import ForbiddenError, StepUpRequiredError


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The person (or the service) on whose behalf something is done.

    ``tenant_id`` is the organisation; ``scopes`` are the permissions, ``service:resource:action``. ``session_id`` is
    the session, or the key of a program. ``fresh`` says that the person proved a moment ago that it is they.
    """

    user_id: UUID
    tenant_id: UUID
    role: str
    scopes: frozenset[str]
    session_id: UUID
    fresh: bool = False

    def may(self, permission: str) -> bool:
        """Say whether this permission is among the scopes."""
        return permission in self.scopes

    def require(self, permission: str) -> None:
        """Raise ForbiddenError unless this permission is among the scopes."""
        if permission not in self.scopes:
            raise ForbiddenError(f"Your role does not include {permission}.")

    def require_fresh(self) -> None:
        """Raise StepUpRequiredError unless the person proved a moment ago that it is they."""
        if not self.fresh:
            raise StepUpRequiredError()
