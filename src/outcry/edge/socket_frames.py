"""The frames of the realtime socket: what docs/realtime.md describes, and what the socket itself validates with."""

import json
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, Strict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from outcry.edge.strict_json import read_json
from outcry.kit.errors import MalformedRequestError

MOST_FRAME_BYTES = 128 * 1024
MOST_TOPICS = 200

# A member that nobody knows is a mistake of the client.
_STRICT = ConfigDict(extra="forbid")

Offset = Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)]
Epoch = Annotated[str, Field(max_length=100)]
TopicName = Annotated[str, Field(max_length=2_000)]


class BadFrameError(Exception):
    """A frame that no client of ours sends; its text may be told."""


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class TopicPosition:
    """A place in a log topic."""

    epoch: Epoch
    offset: Offset


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class AuthFrame:
    """Sign in: first of all with a ``ticket``, later, to go on after a token ended, with the new ``token``."""

    type: Literal["auth"]
    ticket: Annotated[str, Field(max_length=4_096)] = ""
    token: Annotated[str, Field(max_length=4_096)] = ""


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class SubscribeFrame:
    """Follow a topic; with ``epoch`` and ``offset`` from where that position is, otherwise from now on."""

    type: Literal["subscribe"]
    topic: TopicName
    epoch: Epoch | None = None
    offset: Offset | None = None


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class UnsubscribeFrame:
    """Follow a topic no more."""

    type: Literal["unsubscribe"]
    topic: TopicName


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class PingFrame:
    """Ask whether the other side is there. ``positions`` are those of the log topics that the client follows.

    Say them only when all your pings were answered: the server then knows what must have arrived.
    """

    type: Literal["ping"]
    positions: Annotated[dict[str, TopicPosition], Field(max_length=MOST_TOPICS)] = field(default_factory=dict)


@dataclass(config=_STRICT, frozen=True, slots=True, kw_only=True)
class CallFrame:
    """Ask something of a service. With an ``id`` there is one ``answer`` that bears it; without one there is none."""

    type: Literal["call"]
    name: Annotated[str, Field(max_length=100)]
    body: dict[str, Any] = field(default_factory=dict)
    id: Annotated[str, Field(max_length=64)] | None = None


ClientFrame = Annotated[
    AuthFrame | SubscribeFrame | UnsubscribeFrame | PingFrame | CallFrame, Field(discriminator="type")
]
_CLIENT_FRAMES: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


def read_frame(text: str) -> ClientFrame:
    """Return what a client said; raises BadFrameError, with what is wrong with it."""
    if len(text) > MOST_FRAME_BYTES:
        raise BadFrameError("The frame is too long.")
    try:
        return _CLIENT_FRAMES.validate_python(read_json(text))
    except MalformedRequestError as error:
        raise BadFrameError(error.detail.replace("body", "frame")) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadFrameError(f"{place or 'The frame'}: {first['msg']}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyFrame:
    """The sign-in was taken; the first one opens the socket."""

    type: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class PongFrame:
    """The answer to a ping, after everything that was sent before it."""

    type: Literal["pong"] = "pong"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedFrame:
    """The topic is followed. Without ``reset`` all that came after the given position follows, and what comes later.

    With ``reset`` some of what was missed is no longer there: read the state anew. ``epoch`` and ``offset`` are where
    the topic stands now.
    """

    topic: str
    epoch: str
    offset: int
    reset: bool
    type: Literal["subscribed"] = "subscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFrame:
    """A ``topic`` was refused or is followed no more; without one the socket ends, after ``wait_s`` to come back."""

    code: str
    detail: str
    topic: str | None = None
    wait_s: int | None = None
    type: Literal["error"] = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFrame:
    """The answer to the call of this ``id``: a ``body``, or the ``problem`` for which there is none (RFC 9457)."""

    id: str
    body: Any = None
    problem: dict[str, Any] | None = None
    type: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateItem:
    """What happened on a topic. In a log ``offset`` counts up by one; the type of ``data`` is the topic's own."""

    topic: str
    offset: int
    data: Any


ServerFrame = (
    Annotated[ReadyFrame | PongFrame | SubscribedFrame | ErrorFrame | AnswerFrame, Field(discriminator="type")]
    | list[UpdateItem]
)


def write_frame(frame: ReadyFrame | PongFrame | SubscribedFrame | ErrorFrame) -> str:
    """Return a frame as JSON, without members that say nothing."""
    names = (name for name in frame.__dataclass_fields__ if getattr(frame, name) is not None)
    return json.dumps({name: getattr(frame, name) for name in names})
