"""What can go wrong with drawings."""

from typing import Any

from pydantic import TypeAdapter

from outcry.kit.errors import ConflictError, NotFoundError
from outcry.services.charts.drawings.contracts import Drawing

_DRAWING = TypeAdapter(Drawing)


class DrawingNotFoundError(NotFoundError):
    """There is no such drawing, or it is not the person's to see: the two look alike."""

    code, title = "drawing_not_found", "There is no such drawing"


class DrawingChangedError(ConflictError):
    """Somebody changed the drawing since; the problem document has it as it is now under ``present``."""

    code, title = "drawing_changed", "The drawing has changed meanwhile"

    def __init__(self, present: Drawing) -> None:
        super().__init__(f"The drawing is at version {present.version} now.")
        self.present = present

    def to_problem(self, *, instance: str = "", request_id: str = "") -> dict[str, Any]:
        """Return the problem document, with the present drawing."""
        problem = super().to_problem(instance=instance, request_id=request_id)
        return problem | {"present": _DRAWING.dump_python(self.present, mode="json")}


class TooManyDrawingsError(ConflictError):
    """The chart is full."""

    code, title = "too_many_drawings", "There are too many drawings on this chart"


class NothingToUndoError(ConflictError):
    """None of the person's acts on this chart can be taken back."""

    code, title = "nothing_to_undo", "There is nothing to undo"


class NothingToRedoError(ConflictError):
    """None of the person's acts on this chart was taken back and can be done again."""

    code, title = "nothing_to_redo", "There is nothing to redo"
