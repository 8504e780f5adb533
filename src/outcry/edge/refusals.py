"""What the edge refuses before the application sees it."""

from outcry.kit.errors import OutcryError, UnavailableError


class HeadersTooLargeError(OutcryError):
    """The headers are too many or too long."""

    code, status, title = "headers_too_large", 431, "The headers are too large"


class UriTooLongError(OutcryError):
    """The address is too long."""

    code, status, title = "uri_too_long", 414, "The address is too long"


class HeadersTimeoutError(OutcryError):
    """The head of a request did not come in time."""

    code, status, title = "headers_timed_out", 408, "The request did not come in time"


class BodyTimeoutError(OutcryError):
    """The body of a request did not come in time."""

    code, status, title = "body_timed_out", 408, "The body did not come in time"


class PipelineError(OutcryError):
    """More requests were sent ahead than anybody needs."""

    code, status, title = "pipeline_too_long", 400, "Too many requests were sent ahead of their answers"


class TooManyConnectionsError(UnavailableError):
    """Too many connections are open, in all or from this network."""

    code, title = "too_many_connections", "Too many connections are open"


class OverloadedError(UnavailableError):
    """More is asked than can be answered in time."""

    code, title = "overloaded", "Too much is asked right now. Try again in a moment"


class TimedOutError(UnavailableError):
    """The answer took too long."""

    code, status, title = "timed_out", 504, "This took too long"


class NotAcceptableError(OutcryError):
    """The client takes an answer in none of the forms that there are."""

    code, status, title = "not_acceptable", 406, "The answer comes plain, or packed by zstd, br or gzip"


class UnsupportedEncodingError(OutcryError):
    """The body is packed."""

    code, status, title = "unsupported_encoding", 415, "A body must come as it is, without Content-Encoding"


class NoBatchError(OutcryError):
    """This request has to come alone."""

    code, status, title = "not_in_a_batch", 422, "This is not for batches"


class NotJsonError(OutcryError):
    """The answer to a request in a batch cannot be told in one."""

    code, status, title = "answer_not_json", 422, "The answer is not JSON: ask for it alone"


class BatchTooLargeError(OutcryError):
    """The answers of a batch are too long together."""

    code, status, title = "batch_too_large", 422, "The answers of this batch are too long together"


class NotRunError(OutcryError):
    """A request before this one failed, and the batch was to stop there."""

    code, status, title = "not_run", 424, "This was not run, because a request before it failed"
