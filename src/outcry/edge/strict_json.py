"""Bodies that say they are JSON are JSON that nobody can read in two ways (RFC 8259 and RFC 7493, I-JSON)."""

import asyncio
import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from starlette.types import ASGIApp, Receive, Scope, Send

from outcry.edge.bodies import give_body, read_body
from outcry.edge.counting import Counts
from outcry.edge.problems import is_json, refuse
from outcry.kit.errors import MalformedRequestError

MOST_DEPTH = 64
_MOST_BYTES_ON_LOOP = 32_768


class StrictJson:
    """Answers 400 to what is no JSON, is not UTF-8, is too deep, names a member twice, or has a number without end.

    Stands behind the limit of sizes, so that a body is there whole.
    """

    def __init__(self, app: ASGIApp, *, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        kinds = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"content-type"]
        if scope["type"] != "http" or not any(is_json(kind) for kind in kinds):
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(receive)
            if len(body) > _MOST_BYTES_ON_LOOP:
                await asyncio.to_thread(check_json, body)
            elif body:
                check_json(body)
        except MalformedRequestError as error:
            self._counts.add(error.code)
            await refuse(scope, send, error)
            return
        await self._app(scope, give_body(body, receive), send)


def check_json(body: bytes) -> None:
    """Raise MalformedRequestError unless every reader understands a body in the same way."""
    try:
        text = body.decode()
    except ValueError as error:
        raise MalformedRequestError("The body is not valid JSON.") from error
    read_json(text)


def read_json(text: str) -> Any:
    """Return the value that a text is; raises MalformedRequestError unless every reader understands the same."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise MalformedRequestError("The body is not valid JSON.") from error
    if text.count("{") + text.count("[") > MOST_DEPTH and any(depth > MOST_DEPTH for depth in _depths(value)):
        raise MalformedRequestError(f"The body can be {MOST_DEPTH} deep at most.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise MalformedRequestError("A member stands in the body more than once.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedRequestError(f"{name} is no number of JSON.")


def _finite(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise MalformedRequestError("A number of the body is too large.")
    return number


def _depths(value: Any) -> Iterator[int]:
    waiting = [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        if isinstance(inner, dict | list):
            yield depth
            members = inner.values() if isinstance(inner, dict) else inner
            waiting.extend((member, depth + 1) for member in members)
