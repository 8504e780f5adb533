"""Which class each endpoint is of, and the quotas of a class."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from limits import RateLimitItem, parse
from pydantic import BeforeValidator
from pydantic_settings import NoDecode

EndpointClass = Literal["read", "write", "expensive", "sign_in", "export", "socket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """``most`` uses within ``window``, under a name that answers tell."""

    name: str
    most: int
    window: timedelta


def _read_rate(value: object) -> object:
    return parse(value) if isinstance(value, str) else value


# Such as 600/minute, 20 per hour or 5/10 seconds.
Rate = Annotated[RateLimitItem, NoDecode, BeforeValidator(_read_rate)]

# What is neither here nor under a prefix below is `read` when it is asked for and `write` when it is sent.
_CLASSES: Mapping[tuple[str, str], EndpointClass] = {
    ("POST", "/api/v1/auth/me/export"): "export",
    ("POST", "/api/v1/auth/me/erasure"): "export",
    ("GET", "/api/v1/audit/export"): "export",
    ("GET", "/api/v1/audit/report"): "expensive",
    ("GET", "/api/v1/audit/report.csv"): "export",
    ("GET", "/api/v1/audit/report.pdf"): "export",
    ("GET", "/api/v1/ai/model-server/found"): "expensive",
    ("POST", "/api/v1/ai/model-server/try"): "expensive",
    ("PUT", "/api/v1/auth/me/picture"): "expensive",
    ("POST", "/api/v1/shares/open"): "expensive",
    ("POST", "/api/v1/shares/enter"): "expensive",
    ("POST", "/api/v1/imports"): "expensive",
    ("POST", "/api/v1/auth/invitations/accept"): "sign_in",
    ("POST", "/api/v1/auth/confirm"): "sign_in",
    ("POST", "/api/v1/auth/email/confirm"): "sign_in",
    ("GET", "/api/v1/realtime"): "socket",
    ("POST", "/api/v1/realtime/tickets"): "socket",
}
_PREFIXES: tuple[tuple[str, EndpointClass], ...] = (
    ("/api/v1/auth/sign-in", "sign_in"),
    ("/api/v1/auth/register", "sign_in"),
    ("/api/v1/auth/recover", "sign_in"),
    ("/api/v1/auth/step-up", "sign_in"),
    ("/api/v1/auth/oidc/", "sign_in"),
)
# Whatever stands before it.
_ENDINGS: tuple[tuple[str, EndpointClass], ...] = (("/chart.png", "expensive"),)


def class_of(method: str, path: str) -> EndpointClass | None:
    """Return an endpoint's class; None for the pages and their files, which cost next to nothing."""
    if not path.startswith("/api/"):
        return None
    path = path.rstrip("/")
    found = _CLASSES.get((method, path))
    if found:
        return found
    if costly := next((kind for ending, kind in _ENDINGS if path.endswith(ending)), None):
        return costly
    if method in ("GET", "HEAD", "OPTIONS"):
        return "read"
    return next((kind for prefix, kind in _PREFIXES if path.startswith(prefix)), "write")


def quota(name: str, rate: RateLimitItem, factor: float) -> Quota:
    """Return a quota, ``factor`` times as large as its rate says."""
    return Quota(name=name, most=max(1, round(rate.amount * factor)), window=timedelta(seconds=rate.get_expiry()))
