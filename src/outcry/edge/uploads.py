"""Uploads: bodies too large to be held in memory. They stream to who takes them, and are counted on their way."""

from starlette.types import Message, Receive

from outcry.kit.errors import TooLargeError

# By method and path. They have a limit of bytes, of time, and of how many come at once of their own.
UPLOADS = frozenset({("POST", "/api/v1/files"), ("POST", "/api/v1/imports")})


def is_upload(method: str, path: str) -> bool:
    """Say whether a request brings an upload."""
    return (method, path.rstrip("/")) in UPLOADS


def counted(receive: Receive, most: int) -> Receive:
    """Return a ``receive`` that raises TooLargeError once a body has more than ``most`` bytes."""
    seen = 0

    async def receive_counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLargeError(f"This can have {most:,} bytes at most.")
        return message

    return receive_counted
