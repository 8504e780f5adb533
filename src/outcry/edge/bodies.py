"""Bodies for the layers that look at them. Further out one has read each to its end and bounded it (sizes.py)."""

from starlette.types import Message, Receive

from outcry.kit.errors import MalformedRequestError


async def read_body(receive: Receive) -> bytes:
    """Return a whole body; raises MalformedRequestError when its client went away in the middle."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedRequestError("The body did not come to its end.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def give_body(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives a body that was read, then what comes after it."""
    given: bytes | None = body

    async def receive_whole() -> Message:
        nonlocal given
        if given is None:
            return await receive()
        whole, given = given, None
        return {"type": "http.request", "body": whole, "more_body": False}

    return receive_whole
