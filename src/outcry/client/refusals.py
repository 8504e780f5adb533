"""What an installation refuses, as the client raises it."""

from typing import Any


class RefusedError(Exception):
    """A request or call was refused, or cannot be made; ``problem`` is the document that says why (RFC 9457)."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('detail')}")
        self.problem = problem
        self.code = str(problem.get("code", ""))
        self.status = int(problem.get("status", 0))
        self.wait_s = float(problem.get("wait_s", 0))

    @property
    def may_pass(self) -> bool:
        """Whether the same may be taken later: too many requests, or something that does not answer in time."""
        return self.status in (408, 429, 502, 503, 504)


class SignInRefusedError(RefusedError):
    """The token or key is not taken, nor is a new one."""


class ConnectionLostError(Exception):
    """The connection broke before an answer: nobody knows whether it was done. The client connects again by itself."""


class LinkClosedError(Exception):
    """The client was closed, or not opened: use it in ``async with``."""
