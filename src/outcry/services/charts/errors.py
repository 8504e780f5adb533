"""The charts service's own errors."""

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
