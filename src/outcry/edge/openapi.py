"""The OpenAPI document: what FastAPI makes of the endpoints, and every refusal that they may answer with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import TypeAdapter

from outcry.edge.fields import add_parameter
from outcry.edge.idempotency.describing import describe_keys
from outcry.edge.socket_schema import describe_socket
from outcry.kit.module import SocketCall

Document = dict[str, Any]

_PROBLEM: Document = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457 problem document.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "challenge": {
            "type": "object",
            "description": "With `challenge_required` and `challenge_failed`: whose widget to show, for which site.",
            "required": ["provider", "site_key", "script"],
            "properties": {
                "provider": {"type": "string"},
                "site_key": {"type": "string"},
                "script": {"type": "string"},
            },
        },
        "present": {
            "type": "object",
            "description": "With codes that end in `_changed`: the thing as it is now, at its present `version`.",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

_ABOUT = """Send a key or an access token in `Authorization`, after the word `Bearer`.

A body must come as it is: with `Content-Encoding` it is refused (415 `unsupported_encoding`). Answers come packed by
zstd, br or gzip as `Accept-Encoding` wishes. A JSON answer to a GET has an `ETag`; with that in `If-None-Match` it is
304 while nothing changed. `fields` leaves out what you do not need. Lists are paged by `cursor`. Every error is a
problem document (RFC 9457) whose `code` never changes."""

_BEARER: Document = {
    "type": "http",
    "scheme": "bearer",
    "description": "The access token of a signed-in session, or an API key. The permission that an endpoint asks for "
    "stands beside it.",
}

# Name and description of each refusal; an operation's are chosen by what it takes and asks for.
_REFUSALS: dict[int, tuple[str, str]] = {
    400: ("Malformed", "The request cannot be read."),
    401: ("Unauthenticated", "Nobody is signed in, or what was shown as proof is not right."),
    403: ("Forbidden", "The role, a switched-off feature, another site's page or a missing fresh factor forbids it."),
    404: ("NotFound", "There is no such thing, or it belongs to somebody else."),
    406: ("NotAcceptable", "The answer comes in none of the encodings that were asked for."),
    408: ("TooSlow", "The request did not come in time."),
    409: ("Conflict", "The state of things does not allow this now."),
    410: ("Gone", "This took too long, or was done already."),
    413: ("TooLarge", "The body is too large."),
    416: ("RangeNotSatisfiable", "The part that was asked for is beyond the end."),
    414: ("TooLong", "The address is too long."),
    415: ("UnsupportedMedia", "The body is not of a type or encoding that this endpoint takes."),
    421: ("Misdirected", "This installation answers under its own address only."),
    422: ("Invalid", "The input is not valid; `errors` names the fields."),
    429: ("TooMany", "Too many requests. `Retry-After` says when to come back."),
    431: ("HeadersTooLarge", "The headers are too large, or too many."),
    503: ("Unavailable", "An engine does not answer or too much is asked. `Retry-After` says when to come back."),
    504: ("TimedOut", "The answer took too long."),
}
_HEADERS: dict[int, Document] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: {"Retry-After": {"schema": {"type": "integer", "minimum": 0}}},
    503: {"Retry-After": {"schema": {"type": "integer", "minimum": 0}}},
}
_ALWAYS = (400, 406, 408, 414, 421, 422, 429, 431, 503, 504)
_FRESH = "Asks for a factor that was shown within the last minutes."
_CHANGES = ("post", "put", "patch", "delete")


def install_document(app: FastAPI, pushed: Sequence[type], calls: Mapping[str, SocketCall]) -> None:
    """Make an application describe itself; ``pushed`` and ``calls`` are what only the socket carries."""

    def openapi() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = make_document(app, pushed, calls)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to change the document


def make_document(app: FastAPI, pushed: Sequence[type], calls: Mapping[str, SocketCall]) -> Document:
    """Return the OpenAPI document of an application's endpoints, and of its socket's frames."""
    document = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
    components = document["components"]
    _add_types(components["schemas"], pushed)
    components["schemas"].update(describe_socket(calls, "#/components/schemas/{model}"))
    add_parameter(document)
    describe_keys(document)
    components["responses"] = {name: _refusal(status) for status, (name, _) in _REFUSALS.items()}
    components["securitySchemes"] = {"bearer": _BEARER}
    for method, operation, route in _operations(app, document):
        permission, fresh = _door(route)
        if fresh:
            operation["description"] = f"{operation.get('description', '')}\n\n{_FRESH}".strip()
        operation["security"] = [] if permission == "public" else [{"bearer": [permission]}]
        responses = operation["responses"]
        responses.pop("422", None)
        if method == "get" and "application/json" in responses.get("200", {}).get("content", {}):
            responses["304"] = {"description": "It is still what `If-None-Match` names."}
        told = {int(status) for status in responses if status.isdigit() and int(status) >= 400}
        for status in sorted(told | _refused_with(method, operation, permission, components)):
            responses[str(status)] = {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}
    return document


def _add_types(schemas: Document, pushed: Sequence[type]) -> None:
    for kind in pushed:
        schema = TypeAdapter(kind).json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[kind.__name__] = schema
    schemas["Problem"] = _PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _refusal(status: int) -> Document:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    response: Document = {"description": _REFUSALS[status][1], "content": content}
    if status in _HEADERS:
        response["headers"] = _HEADERS[status]
    return response


def _operations(app: FastAPI, document: Document) -> Iterator[tuple[str, Document, RouteContext]]:
    """Go through the operations of the document, each with its method and the route that it describes."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.original_route.include_in_schema:
            for method in route.original_route.methods or ():
                yield method.lower(), document["paths"][route.path_format][method.lower()], route


def _door(route: RouteContext) -> tuple[str, bool]:
    """Return the permission that a route asks for, and whether it wants a fresh factor."""
    calls = [dependency.call for dependency in route.dependant.dependencies]
    permission = next((call.permission for call in calls if hasattr(call, "permission")), "public")
    return permission, any(getattr(call, "fresh", False) for call in calls)


def _refused_with(method: str, operation: Document, permission: str, components: Document) -> set[int]:
    """Return the statuses of the refusals that an operation may answer with, by what it takes and asks for."""
    statuses = set(_ALWAYS)
    if permission != "public":
        statuses |= {401, 403}
    if method in _CHANGES:
        statuses |= {403, 409}
    if "requestBody" in operation:
        statuses |= {413, 415} | _refused_for_body(operation["requestBody"], components)
    if any(parameter.get("in") == "path" for parameter in operation.get("parameters", ())):
        statuses.add(404)
    return statuses


def _refused_for_body(body: Document, components: Document) -> set[int]:
    """Return what is refused for what a body names: something that is not there, or a ticket that is over."""
    statuses: set[int] = set()
    for name, kind in _properties(body["content"].get("application/json", {}).get("schema", {}), components):
        if name in ("token", "ticket"):
            statuses.add(410)
        if any(one.get("format") == "uuid" for one in (kind, *kind.get("anyOf", ()))):
            statuses.add(404)
    return statuses


def _properties(schema: Document, components: Document) -> Iterator[tuple[str, Document]]:
    """Go through the properties of a body, or of each of the bodies that it may be."""
    if "$ref" in schema:
        schema = components["schemas"][schema["$ref"].rpartition("/")[2]]
    yield from schema.get("properties", {}).items()
    for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from _properties(one, components)
