"""A file as the messages of the contracts have it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

FileKind = Literal["image", "video", "audio", "document", "archive", "text", "data", "program", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFile:
    """A file on a message; ``size`` in bytes. What has a ``width`` and ``height`` (as it is shown) has a thumbnail.

    ``media_type`` and ``kind`` are what the bytes are. A ``disguised`` file is not what its name says, and is only
    downloaded. Of a ``cleaned`` picture the place, camera and comments were taken out; others are as they were sent.
    """

    id: UUID
    name: str
    media_type: str
    kind: FileKind
    size: int
    width: int | None = None
    height: int | None = None
    disguised: bool = False
    cleaned: bool = False
