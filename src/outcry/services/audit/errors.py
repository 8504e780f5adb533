"""The audit service's own errors."""

from outcry.kit.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class EntryNotFoundError(NotFoundError):
    """The organisation's log has no such entry."""

    code, title = "entry_not_found", "There is no such entry"


class CheckpointNotFoundError(NotFoundError):
    """No checkpoint of the organisation's log was signed at this size."""

    code, title = "checkpoint_not_found", "There is no such checkpoint"


class NotCheckpointedError(ConflictError):
    """The entry is newer than the newest checkpoint, so nothing signed stands for it yet."""

    code, title = "not_checkpointed", "The next checkpoint is not signed yet"


class InvalidLogSizeError(InvalidInputError):
    """The log never had, or does not have yet, as many entries as were named."""

    code, title = "invalid_log_size", "The log has no such size"


class ArchiveDamagedError(UnavailableError):
    """A part of the log's archive is not there, or not what was put there."""

    code, title = "archive_damaged", "A part of the log's archive is missing or damaged"


class InvalidReportPeriodError(InvalidInputError):
    """A report is of up to 366 days that end after they begin."""

    code, title = "invalid_report_period", "There is no report of such a period"


class ReportTooLargeError(InvalidInputError):
    """The period has more entries than one report takes."""

    code, title = "report_too_large", "The report would be too large"
