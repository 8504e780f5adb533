"""The realtime socket as JSON Schema: of the types that the socket validates with, so that it cannot say otherwise."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from outcry.edge.calls import body_type
from outcry.edge.socket_frames import ClientFrame, ServerFrame
from outcry.kit.module import SocketCall

Schemas = dict[str, Any]


def describe_socket(calls: Mapping[str, SocketCall], references: str) -> Schemas:
    """Return the schemas of all frames and calls by name; ``references`` says how they name each other."""
    schemas: Schemas = {}

    def describe(kind: Any, mode: JsonSchemaMode) -> Schemas:
        schema = TypeAdapter(kind).json_schema(mode=mode, ref_template=references)
        schemas.update(schema.pop("$defs", {}))
        title = schema.get("title")
        if schema.get("type") == "object" and title:
            schemas[title] = schema
            return {"$ref": references.format(model=title)}
        return schema

    client, server = describe(ClientFrame, "validation"), describe(ServerFrame, "serialization")
    schemas["RealtimeClientFrame"] = {"description": "What a client may say on the realtime socket.", **client}
    schemas["RealtimeServerFrame"] = {"description": "What the server says on the realtime socket.", **server}
    schemas["RealtimeCalls"] = {
        "type": "object",
        "description": "What may be asked over the realtime socket, by name.",
        "required": sorted(calls),
        "properties": {
            name: {
                "type": "object",
                "description": f"Asks for `{call.permission}`.",
                "required": ["body", "answer"],
                "properties": {
                    "body": describe(body_type(call), "validation"),
                    "answer": describe(call.answer, "validation"),
                },
            }
            for name, call in sorted(calls.items())
        },
    }
    return schemas
