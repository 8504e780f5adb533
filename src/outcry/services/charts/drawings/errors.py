"""What can go wrong with drawings."""

from outcry.kit.errors import ConflictError, NotFoundError
from outcry.services.charts.errors import ChangedError


class DrawingNotFoundError(NotFoundError):
    """There is no such drawing, or it is not the person's to see: the two look alike."""

    code, title = "drawing_not_found", "There is no such drawing"


class DrawingChangedError(ChangedError):
    """Somebody changed the drawing since."""

    code, title = "drawing_changed", "The drawing has changed meanwhile"


class TooManyDrawingsError(ConflictError):
    """The chart is full."""

    code, title = "too_many_drawings", "There are too many drawings on this chart"


class NothingToUndoError(ConflictError):
    """None of the person's acts on this chart can be taken back."""

    code, title = "nothing_to_undo", "There is nothing to undo"


class NothingToRedoError(ConflictError):
    """None of the person's acts on this chart was taken back and can be done again."""

    code, title = "nothing_to_redo", "There is nothing to redo"
