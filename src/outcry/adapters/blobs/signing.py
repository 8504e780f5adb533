"""Signs requests to S3 (AWS Signature Version 4), for the one that our store cannot make. No input, no output."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Keys:
    """Who we are there; ``token`` goes with keys that are lent for a while."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


def encode_path(path: str) -> str:
    """Return a path as it stands in the request and as it is signed."""
    return quote(path, safe="/")


def sign_request(
    *,
    method: str,
    host: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    region: str,
    keys: S3Keys,
    now: datetime,
) -> dict[str, str]:
    """Return the headers of a request without a query, signed; ``path`` is encoded already."""
    time = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    hashed = hashlib.sha256(body).hexdigest()
    signed = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    signed |= {"host": host, "x-amz-date": time, "x-amz-content-sha256": hashed}
    if keys.token:
        signed["x-amz-security-token"] = keys.token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join((method, path, "", lines, names, hashed))
    scope = f"{time[:8]}/{region}/s3/aws4_request"
    text = "\n".join((_ALGORITHM, time, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{keys.secret_key}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"{keys.access_key}/{scope}"
    said = f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={key.hex()}"
    return signed | {"authorization": said}
