"""The OpenAPI document says of every operation who may call it, and each way in which it may refuse."""

from typing import Any

import pytest

from outcry.main import Platform
from outcry.settings import Settings


@pytest.fixture(scope="module")
async def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of the whole program."""
    platform = Platform(Settings(data=tmp_path_factory.mktemp("data")))
    made = platform.app.openapi()
    await platform.stop()
    return made


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def _refusals(document: dict[str, Any], label: str) -> set[int]:
    return {int(status) for status in _operations(document)[label]["responses"] if status >= "400"}


async def test_every_status_is_told_and_none_is_left_open(document: dict[str, Any]) -> None:
    named = document["components"]["responses"]
    for label, operation in _operations(document).items():
        assert "default" not in operation["responses"], label
        for status, response in operation["responses"].items():
            if status >= "400":
                refusal = named[response["$ref"].rpartition("/")[2]]
                assert list(refusal["content"]) == ["application/problem+json"], (label, status)


async def test_refusals_follow_from_what_an_operation_takes_and_asks_for(document: dict[str, Any]) -> None:
    always = {400, 406, 408, 414, 421, 422, 429, 431, 503, 504}
    assert _refusals(document, "GET /api/v1/auth/jwks") == always
    assert _refusals(document, "DELETE /api/v1/auth/me/picture") == always | {401, 403, 409}
    assert _refusals(document, "GET /api/v1/rooms/{room_id}") == always | {401, 403, 404}
    body = {401, 403, 404, 409, 413, 415}
    assert _refusals(document, "POST /api/v1/rooms/{room_id}/messages") == always | body
    assert 410 in _refusals(document, "POST /api/v1/auth/sign-in/factor")
    assert 401 in _refusals(document, "POST /api/v1/auth/sign-in")


async def test_an_operation_says_what_its_caller_must_be_allowed(document: dict[str, Any]) -> None:
    operations = _operations(document)
    assert operations["GET /api/v1/auth/jwks"]["security"] == []
    assert operations["GET /api/v1/rooms"]["security"] == [{"bearer": ["chat:room:read"]}]
    assert "factor that was shown" in operations["DELETE /api/v1/auth/sessions"]["description"]
    assert "factor that was shown" not in operations["GET /api/v1/rooms"]["description"]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
