"""The charts service's own errors."""

from typing import Any

from pydantic import TypeAdapter

from outcry.kit.errors import ConflictError, InvalidInputError, NotFoundError


class InstrumentNotFoundError(NotFoundError):
    """Neither the organisation nor the shared market has this symbol."""

    code, title = "instrument_not_found", "There is no such instrument"


class TimeframeNotRecordedError(InvalidInputError):
    """What is recorded is too coarse for the bars that were asked for."""

    code, title = "timeframe_not_recorded", "These bars cannot be built of what is recorded"


class SharedInstrumentError(ConflictError):
    """The instrument belongs to every organisation, so none of them may change or remove it."""

    code, title = "shared_instrument", "This instrument belongs to everybody"


class ChangedError(ConflictError):
    """Somebody changed the thing since; the problem document has it as it is now under ``present``."""

    code, title = "changed", "This has changed meanwhile"

    def __init__(self, present: Any, version: int) -> None:
        super().__init__(f"It is at version {version} now.")
        self._present = TypeAdapter(type(present)).dump_python(present, mode="json")

    def to_problem(self, *, instance: str = "", request_id: str = "") -> dict[str, Any]:
        """Return the problem document, with the thing as it is."""
        problem = super().to_problem(instance=instance, request_id=request_id)
        return problem | {"present": self._present}
