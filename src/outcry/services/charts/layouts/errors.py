"""What can go wrong with layouts."""

from outcry.kit.errors import ConflictError, NotFoundError
from outcry.services.charts.errors import ChangedError


class LayoutNotFoundError(NotFoundError):
    """There is no such layout, or it is not the person's to see: the two look alike."""

    code, title = "layout_not_found", "There is no such layout"


class LayoutChangedError(ChangedError):
    """Somebody changed the layout since."""

    code, title = "layout_changed", "The layout has changed meanwhile"


class TooManyLayoutsError(ConflictError):
    """The person has as many as one may have."""

    code, title = "too_many_layouts", "There are too many layouts"
