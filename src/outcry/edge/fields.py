"""``?fields=``: which members of a JSON answer the client wants, such as ``items.id,next_cursor``."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import parse_qs

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.answers import asks_for_data, change_json
from outcry.kit.errors import InvalidInputError

MOST_NAMES = 64
MOST_DEPTH = 8
_MOST_TOLD = 12
_MOST_SHOWN = 100

# What is wanted of each member; of one without a tree of its own, all.
Tree = dict[str, "Tree"]
Schema = Mapping[str, Any]

_PARAMETER: Final = {
    "name": "fields",
    "in": "query",
    "required": False,
    "description": "The members of the answer that you want, joined by commas; dots lead into members and through "
    f"lists: `items.id,next_cursor`. At most {MOST_NAMES} names, {MOST_DEPTH} deep. Without it: all of them.",
    "schema": {"type": "string"},
}


class Fields:
    """Leaves out what was not asked for. Whether the names are right is looked at after the endpoint let one in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._schemas: dict[Any, Schema] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if not asks_for_data(scope) or b"fields" not in scope["query_string"]:
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        said = parse_qs(query, keep_blank_values=True).get("fields")

        async def choose(head: Message, body: bytes) -> tuple[Message, bytes]:
            if said is None:
                return head, body
            wanted = read_fields(",".join(said))
            check_fields(wanted, self._schema_of(scope))
            chosen = to_json(select(from_json(body), wanted))
            MutableHeaders(raw=head["headers"])["content-length"] = str(len(chosen))
            return head, chosen

        await self._app(scope, receive, change_json(scope, send, choose))

    def _schema_of(self, scope: Scope) -> Schema:
        """Return the schema of what the endpoint answers, of which there are so many as endpoints."""
        endpoint = scope.get("endpoint")
        if endpoint not in self._schemas:
            model = getattr(scope.get("route"), "response_model", None)
            self._schemas[endpoint] = {} if model is None else TypeAdapter(model).json_schema(mode="serialization")
        return self._schemas[endpoint]


def add_parameter(document: dict[str, Any]) -> None:
    """Describe the parameter in an OpenAPI document, once, for every GET that answers JSON."""
    document["components"].setdefault("parameters", {})["Fields"] = _PARAMETER
    for methods in document["paths"].values():
        reading = methods.get("get", {})
        if "application/json" in reading.get("responses", {}).get("200", {}).get("content", {}):
            reading.setdefault("parameters", []).append({"$ref": "#/components/parameters/Fields"})


def read_fields(said: str) -> Tree:
    """Read the parameter; raises InvalidInputError when it is too long, too deep, or names nothing."""
    paths = [tuple(part.strip() for part in path.split(".")) for path in said.split(",")]
    if len(paths) > MOST_NAMES:
        raise _wrong(f"fields can have {MOST_NAMES} names at most.")
    if any(len(path) > MOST_DEPTH for path in paths):
        raise _wrong(f"A name of fields can be {MOST_DEPTH} deep at most.")
    if not all(part for path in paths for part in path):
        raise _wrong("fields needs names joined by commas, such as items.id,next_cursor.")
    tree: Tree = {}
    # The shorter first: who wants all of a member wants no less because of what is in it.
    for path in sorted(paths, key=len):
        _add(tree, path)
    return tree


def _add(tree: Tree, path: tuple[str, ...]) -> None:
    for part in path[:-1]:
        if part in tree and not tree[part]:
            return
        tree = tree.setdefault(part, {})
    tree[path[-1]] = {}


def select(value: Any, wanted: Tree) -> Any:
    """Return a value with those members alone; lists of values go through."""
    if isinstance(value, list):
        return [select(item, wanted) for item in value]
    if isinstance(value, dict):
        return {
            name: select(member, wanted[name]) if wanted[name] else member
            for name, member in value.items()
            if name in wanted
        }
    return value


def check_fields(wanted: Tree, schema: Schema) -> None:
    """Raise InvalidInputError for the first name that answers of this schema can never have."""
    _check(wanted, [schema], schema.get("$defs", {}), "")


def _check(wanted: Tree, schemas: list[Schema], defs: Mapping[str, Schema], within: str) -> None:
    members: dict[str, list[Schema]] = {}
    others: list[Schema] = []
    for schema in schemas:
        for leaf in _objects(schema, defs, frozenset()):
            for name, member in leaf.get("properties", {}).items():
                members.setdefault(name, []).append(member)
            others += _others(leaf)
    for name, inner in wanted.items():
        found = members.get(name, []) + others
        if not found:
            raise _unknown(within + name, name, list(members))
        if inner:
            _check(inner, found, defs, f"{within}{name}.")


def _objects(schema: Schema, defs: Mapping[str, Schema], seen: frozenset[str]) -> Iterator[Schema]:
    """Go through every object that a schema can be, lists taken as what is in them."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        if name not in seen:
            yield from _objects(defs[name], defs, seen | {name})
        return
    inner = [part for key in ("anyOf", "oneOf", "allOf", "prefixItems") for part in schema.get(key, ())]
    if isinstance(schema.get("items"), Mapping):
        inner.append(schema["items"])
    for part in inner:
        yield from _objects(part, defs, seen)
    if not inner and schema.get("type", "object") == "object":
        yield schema


def _others(leaf: Schema) -> list[Schema]:
    """Return what members of an object may be that its schema does not name."""
    more = leaf.get("additionalProperties", "properties" not in leaf)
    if isinstance(more, Mapping):
        return [more]
    return [{}] if more else []


def _unknown(whole: str, name: str, known: list[str]) -> InvalidInputError:
    said = f"There is no field {whole[:_MOST_SHOWN]}."
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        said += f" Did you mean {whole.removesuffix(name)}{near[0]}?"
    elif known:
        said += f" There are {', '.join(known[:_MOST_TOLD])}{' and more' if len(known) > _MOST_TOLD else ''}."
    return _wrong(said)


def _wrong(message: str) -> InvalidInputError:
    return InvalidInputError(message, errors=({"field": "fields", "message": message},))
