"""Errors: problem documents out, and the same errors back."""

import json

import pytest

from outcry.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MalformedRequestError,
    NotFoundError,
    OutcryError,
    RateLimitedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    error_from_problem,
)

KINDS = [
    (OutcryError, "internal", 500),
    (InvalidInputError, "invalid_input", 422),
    (MalformedRequestError, "malformed_request", 400),
    (UnauthenticatedError, "unauthenticated", 401),
    (ForbiddenError, "forbidden", 403),
    (NotFoundError, "not_found", 404),
    (ConflictError, "conflict", 409),
    (TooLargeError, "too_large", 413),
    (RateLimitedError, "rate_limited", 429),
    (UnavailableError, "unavailable", 503),
]


@pytest.mark.parametrize(("kind", "code", "status"), KINDS)
def test_each_error_keeps_its_code_and_status(kind: type[OutcryError], code: str, status: int) -> None:
    problem = kind("What happened.").to_problem(instance="/api/v1/rooms", request_id="r1")
    assert problem == {
        "type": f"urn:outcry:problem:{code}",
        "title": kind.title,
        "status": status,
        "code": code,
        "detail": "What happened.",
        "instance": "/api/v1/rooms",
        "request_id": "r1",
    }


@pytest.mark.parametrize(("kind", "code", "status"), KINDS)
def test_a_problem_document_becomes_the_same_error_again(kind: type[OutcryError], code: str, status: int) -> None:
    sent = kind("Not this one.", errors=({"field": "symbol", "message": "too long"},))
    back = error_from_problem(json.loads(json.dumps(sent.to_problem())))
    assert type(back) is kind
    assert (back.code, back.status) == (code, status)
    assert (back.detail, back.errors, str(back)) == (sent.detail, sent.errors, str(sent))


def test_without_a_detail_the_title_is_told() -> None:
    error = NotFoundError()
    assert error.detail == str(error) == "There is no such thing"
    assert "errors" not in error.to_problem()


def test_an_error_of_a_service_comes_back_as_its_own_class() -> None:
    class HallFullError(ConflictError):
        """Nobody else fits into the hall."""

        code, title = "hall_full", "The hall is full"

    back = error_from_problem(HallFullError().to_problem())
    assert type(back) is HallFullError
    assert (back.code, back.status, back.detail) == ("hall_full", 409, "The hall is full")


def test_a_code_of_another_version_keeps_its_code_status_and_words() -> None:
    problem = {
        "type": "urn:outcry:problem:market_closed_7",
        "title": "The market is closed",
        "status": 409,
        "code": "market_closed_7",
        "detail": "It opens at 09:30.",
    }
    back = error_from_problem(problem)
    assert isinstance(back, OutcryError)
    assert back.to_problem() == problem
