"""An answer as it is kept: its status, the headers that tell of it, and its body."""

import base64
import json
from dataclasses import dataclass

from starlette.types import Message

Headers = list[tuple[bytes, bytes]]

# The layers further out, and those that carry the answer, write all others anew.
_KEPT = frozenset({b"content-type", b"content-language", b"content-location", b"location", b"etag", b"cache-control"})
# What these answer was not done: the key may come again. 401 and 403 may be mended by signing in or showing a factor.
_NOT_DONE = frozenset({401, 403, 422, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes

    @classmethod
    def of(cls, head: Message, body: bytes) -> "Answer":
        """Return the answer that an application gave."""
        return cls(status=head["status"], headers=list(head.get("headers", ())), body=body)

    @property
    def done(self) -> bool:
        """Whether the request was done, as far as the answer tells."""
        return self.status < 500 and self.status not in _NOT_DONE

    @property
    def secret(self) -> bool:
        """Whether it says of itself that it must not be kept, or sets a cookie."""
        return any(
            name == b"set-cookie" or (name == b"cache-control" and b"no-store" in value) for name, value in self.headers
        )

    def to_text(self) -> str:
        """Return it as text."""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers if name in _KEPT]
        body = base64.b64encode(self.body).decode()
        return json.dumps({"status": self.status, "headers": headers, "body": body})

    @classmethod
    def from_text(cls, text: str) -> "Answer":
        """Return what ``to_text`` told."""
        kept = json.loads(text)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept["headers"]]
        return cls(status=kept["status"], headers=headers, body=base64.b64decode(kept["body"]))

    def messages(self, *more: tuple[bytes, bytes]) -> tuple[Message, Message]:
        """Return it as what an application sends, with more headers."""
        length = [] if self.status in (204, 304) else [(b"content-length", b"%d" % len(self.body))]
        head = {"type": "http.response.start", "status": self.status, "headers": [*self.headers, *length, *more]}
        return head, {"type": "http.response.body", "body": self.body}
