"""Holds an answer until it is whole, so that something may be made of it; streams pass by."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from outcry.edge.problems import refuse
from outcry.kit.errors import OutcryError

# Takes and returns the head and the body of an answer; an error that it raises is answered instead.
Change = Callable[[Message, bytes], Awaitable[tuple[Message, bytes]]]


def asks_for_data(scope: Scope) -> bool:
    """Say whether a request reads from the API."""
    return bool(scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/api/"))


def change_json(scope: Scope, send: Send, change: Change) -> Send:
    """Return a ``send`` that hands each whole JSON answer (status 200, a length that is told) to ``change`` first."""
    held: list[Message] = []

    async def send_changed(message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            held.append(message)
        elif not held or message["type"] != "http.response.body":
            await send(message)
        elif message.get("more_body", False):
            await send(held.pop())
            await send(message)
        else:
            try:
                head, body = await change(held.pop(), message.get("body", b""))
            except OutcryError as error:
                await refuse(scope, send, error)
                return
            await send(head)
            await send({"type": "http.response.body", "body": body})

    return send_changed


def _is_json(head: Message) -> bool:
    if head["status"] != 200:
        return False
    headers = Headers(raw=head["headers"])
    return "content-length" in headers and headers.get("content-type", "").split(";")[0].strip() == "application/json"
