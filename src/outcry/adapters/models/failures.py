"""Says in plain, safe words why a model failed: nothing of what the server sent, no key, no address."""

import httpx2
from pydantic_ai import exceptions as failed

from outcry.kit.errors import InvalidInputError, UnavailableError

_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (failed.ModelRequestTimeout, "did not answer in time"),
    (failed.ModelTimeoutError, "did not answer in time"),
    (TimeoutError, "did not answer in time"),
    (failed.ModelRateLimitError, "refused because of too many requests"),
    (failed.ModelQuotaExceededError, "refused because its quota is used up"),
    (failed.ModelAuthenticationError, "did not accept the key"),
    (failed.ModelNotFoundError, "does not know this model or address"),
    (failed.ModelContextWindowExceededError, "found the conversation too long"),
    (failed.ModelOverloadedError, "is overloaded"),
    (failed.UsageLimitExceeded, "kept calling tools without coming to an answer"),
    (failed.ContentFilterError, "blocked the answer with its content filter"),
    (failed.UnexpectedModelBehavior, "answered with something that cannot be understood"),
)


def explain_failure(error: BaseException) -> str:
    """Return the end of the sentence "The model server …"."""
    refused = _find_cause(error, InvalidInputError)
    if refused is not None:
        return f"may not be called: {refused}".rstrip(".")
    resting = _find_cause(error, UnavailableError)
    if resting is not None:
        return str(resting).removeprefix("The model server ").partition(".")[0]
    for kind, words in _KINDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, failed.ModelHTTPError):
        return f"answered with an error (status {error.status_code})"
    if isinstance(error, failed.ModelConnectionError):
        return "cannot be reached" if error.phase == "connect" else "broke the connection"
    if isinstance(error, httpx2.HTTPError | OSError):
        return "cannot be reached"
    if isinstance(error, failed.ModelAPIError | ValueError | TypeError | AttributeError | LookupError):
        # What the client library raises where a body is not what the protocol says.
        return "answered with something that cannot be understood"
    return "failed"


def _find_cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    for _ in range(8):
        if error is None or isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None
