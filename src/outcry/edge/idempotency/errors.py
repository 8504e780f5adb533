"""Why a request with an Idempotency-Key is not taken."""

from outcry.kit.errors import ConflictError, InvalidInputError, RateLimitedError


class IdempotencyKeyError(InvalidInputError):
    """The key is no key."""

    code, title = "idempotency_key_invalid", "The Idempotency-Key has to be one of 1 to 255 printable ASCII characters"


class NotIdempotentError(InvalidInputError):
    """The endpoint takes no key, since what it answers must not be kept."""

    code, title = "idempotency_not_supported", "This call takes no Idempotency-Key: its answer is never kept"


class MismatchError(InvalidInputError):
    """The key came before, with something else."""

    code, title = "idempotency_mismatch", "This Idempotency-Key was used for another request. Use a new one"


class InProgressError(ConflictError):
    """The request with this key is still being answered."""

    code, title = "idempotency_in_progress", "The request with this Idempotency-Key is still being answered"


class OutcomeUnknownError(ConflictError):
    """The request with this key was begun, and nobody knows how it ended."""

    code, title = (
        "outcome_unknown",
        "The request with this Idempotency-Key was interrupted. Look whether it was done; if not, use a new key",
    )


class AnswerNotKeptError(ConflictError):
    """The request with this key was answered, and the answer was not kept."""

    code, title = "answer_not_kept", "The request with this Idempotency-Key was done; its answer was not kept"


class TooManyKeysError(RateLimitedError):
    """One person used too many keys within a day."""

    code, title = "too_many_idempotency_keys", "Too many Idempotency-Keys within a day"
