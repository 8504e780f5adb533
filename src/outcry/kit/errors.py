"""Errors that may be told to a caller: RFC 9457 problem documents with a stable code."""

from typing import Any, ClassVar


class OutcryError(Exception):
    """An error with a stable code, an HTTP status and a message that is safe to show.

    Args:
        detail: one sentence for the person who asked. Never contains secrets or another tenant's data.
        errors: for invalid input, one entry a field: ``{"field": ..., "message": ...}``.
        wait_s: after how many seconds the next try may work; 0 says nothing.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    # Whether the edge counts how often it was answered, beside what the edge itself refuses.
    counted: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, errors: tuple[dict[str, str], ...] = (), wait_s: int = 0) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors
        self.wait_s = wait_s

    def to_problem(self, *, instance: str = "", request_id: str = "") -> dict[str, Any]:
        """Return the RFC 9457 document for this error."""
        problem: dict[str, Any] = {
            "type": f"urn:outcry:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if instance:
            problem["instance"] = instance
        if request_id:
            problem["request_id"] = request_id
        if self.errors:
            problem["errors"] = list(self.errors)
        return problem


class InvalidInputError(OutcryError):
    """What was sent cannot be used as it is."""

    code, status, title = "invalid_input", 422, "The input is not valid"


class MalformedRequestError(OutcryError):
    """What was sent cannot be read at all."""

    code, status, title = "malformed_request", 400, "The request cannot be read"


class UnauthenticatedError(OutcryError):
    """Nobody is signed in, or the sign-in has ended."""

    code, status, title = "unauthenticated", 401, "Sign in to go on"


class ForbiddenError(OutcryError):
    """The person is known and may not do this."""

    code, status, title = "forbidden", 403, "You may not do this"


class StepUpRequiredError(OutcryError):
    """The act needs a factor that was shown a moment ago: show one, then do it again."""

    code, status, title = "step_up_required", 403, "Confirm that it is you"


class NotFoundError(OutcryError):
    """There is no such thing, or it belongs to somebody else: the two are answered alike."""

    code, status, title = "not_found", 404, "There is no such thing"


class ConflictError(OutcryError):
    """The state of the thing does not allow this now."""

    code, status, title = "conflict", 409, "This cannot be done now"


class TooLargeError(OutcryError):
    """The body is larger than the endpoint takes."""

    code, status, title = "too_large", 413, "The request is too large"


class UnsupportedMediaError(OutcryError):
    """The body is of a type that the endpoint does not take."""

    code, status, title = "unsupported_media_type", 415, "A body of this type cannot be read here"


class RateLimitedError(OutcryError):
    """Too many tries in too short a time."""

    code, status, title = "rate_limited", 429, "Too many requests"


class UnavailableError(OutcryError):
    """An engine or an outside server that is needed does not answer."""

    code, status, title = "unavailable", 503, "This is not available right now"


def error_from_problem(problem: dict[str, Any]) -> OutcryError:
    """Rebuild the error that a problem document was made from; the inverse of ``to_problem``.

    A code that no class of this process has becomes a plain ``OutcryError`` with that code and status.
    """
    classes: list[type[OutcryError]] = [OutcryError]
    for cls in classes:
        classes.extend(cls.__subclasses__())
    errors = tuple(problem.get("errors", ()))
    for cls in classes:
        if cls.code == problem["code"]:
            return cls(problem["detail"], errors=errors)
    unknown = type("RemoteError", (OutcryError,), {k: problem[k] for k in ("code", "status", "title")})
    error: OutcryError = unknown(problem["detail"], errors=errors)
    return error
