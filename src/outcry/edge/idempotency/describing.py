"""Tells in the OpenAPI document which calls take an Idempotency-Key."""

from typing import Any

from outcry.edge.alone import goes_alone
from outcry.edge.idempotency.layer import CHANGING

_PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of this call, new for each. What is sent again with it within a day is not done again, but "
    "answered as before, with Idempotency-Replayed: true.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}


def describe_keys(document: dict[str, Any]) -> None:
    """Add the header to every call that takes it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method.upper() in CHANGING and not goes_alone(path):
                operation.setdefault("parameters", []).append(dict(_PARAMETER))
