"""Every error becomes an RFC 9457 problem document; what nobody foresaw becomes a 500 that tells nothing."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.headers import strict_headers
from outcry.edge.reporting import report_refusal
from outcry.kit.errors import (
    InvalidInputError,
    MalformedRequestError,
    NotFoundError,
    OutcryError,
    UnsupportedMediaError,
)

log = logging.getLogger(__name__)

_PHRASES = {
    400: ("malformed_request", "The request cannot be read"),
    404: ("not_found", "There is no such thing"),
    405: ("method_not_allowed", "This address does not take this method"),
    413: ("too_large", "The request is too large"),
}


def problem_headers(error: OutcryError) -> dict[str, str]:
    """Return the headers that tell of an error, whichever way it is answered."""
    headers = {"content-type": "application/problem+json"}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    if error.wait_s:
        headers["retry-after"] = str(error.wait_s)
    return headers


def problem_response(request: Request, error: OutcryError) -> JSONResponse:
    """Return the problem document of an error as a response."""
    body = error.to_problem(instance=request.url.path, request_id=getattr(request.state, "request_id", ""))
    return JSONResponse(body, status_code=error.status, headers=problem_headers(error))


async def refuse(scope: Scope, send: Send, error: OutcryError, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Answer a request, or a socket before it is accepted, with a problem document; for what is plain ASGI."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    problem = error.to_problem(instance=scope["path"], request_id=scope.get("state", {}).get("request_id", ""))
    body = json.dumps(problem).encode()
    told = [(name.encode(), value.encode()) for name, value in problem_headers(error).items()]
    told += [(b"content-length", b"%d" % len(body)), *headers]
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    await send({"type": f"{kind}.start", "status": error.status, "headers": told})
    await send({"type": f"{kind}.body", "body": body})


def unforeseen() -> OutcryError:
    """Return what is answered when something failed that nobody foresaw."""
    return OutcryError("Something went wrong here. The administrator's log says what.")


def install_problem_handlers(app: FastAPI) -> None:
    """Make an application answer errors as problem documents."""
    app.add_exception_handler(OutcryError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, OutcryError)  # noqa: S101  # Starlette hands over what was registered
    if error.status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    counts: Counts | None = getattr(request.app.state, "counts", None)
    if error.counted and counts is not None:
        counts.add(error.code)
    if error.status == 403:
        await report_refusal(request, error)
    return problem_response(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # Starlette hands over what was registered
    details = error.errors()
    if any(detail["type"] == "json_invalid" for detail in details):
        return problem_response(request, MalformedRequestError("The body is not valid JSON."))
    if any(tuple(detail["loc"]) == ("body",) for detail in details) and not _came_as_json(request):
        return problem_response(request, UnsupportedMediaError("Send it as application/json."))
    # The first part says where it stood: in the body, the query or the path.
    return problem_response(request, invalid_input([{**detail, "loc": detail["loc"][1:]} for detail in details]))


def invalid_input(details: Iterable[Mapping[str, Any]]) -> InvalidInputError:
    """Return the error that names what pydantic found wrong."""
    fields = tuple(_field(detail) for detail in details)
    said = "; ".join(f"{field['field']}: {field['message']}" for field in fields[:3])
    return InvalidInputError(said, errors=fields)


def _came_as_json(request: Request) -> bool:
    """Say whether a body that came is told to be JSON; without a body there is nothing to tell."""
    headers = request.headers
    none = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    return none or is_json(headers.get("content-type", ""))


def is_json(content_type: str) -> bool:
    """Say whether a Content-Type is one of JSON (RFC 8259, RFC 6839)."""
    kind = content_type.split(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _field(detail: Mapping[str, Any]) -> dict[str, str]:
    place = [str(part) for part in detail["loc"]]
    message = str(detail["msg"])
    return {"field": ".".join(place) or "body", "message": message[:1].lower() + message[1:]}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # Starlette hands over what was registered
    code, title = _PHRASES.get(error.status_code, ("http_error", "The request was refused"))
    kind = NotFoundError if error.status_code == 404 else OutcryError
    problem = type("HttpError", (kind,), {"code": code, "status": error.status_code, "title": title})
    response = problem_response(request, problem())
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["allow"] = ", ".join(sorted(_methods(request)))
    return response


def _methods(request: Request) -> set[str]:
    """Return every method that the address takes: each has an endpoint of its own, which knows only that one."""
    path = request.scope["path"]
    routes = [route for route in iter_route_contexts(request.app.routes) if getattr(route, "path_regex", None)]
    return {method for route in routes if route.path_regex.match(path) for method in route.methods or ()}


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    response = problem_response(request, unforeseen())
    # This is answered outside of what adds them.
    response.headers.update({name.decode(): value.decode() for name, value in strict_headers(request.scope)})
    return response
