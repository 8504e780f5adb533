"""What the address of a bucket says."""

import re
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from outcry.adapters.outgoing.addresses import AddressRefusedError, split_url
from outcry.adapters.outgoing.guarded import is_loopback
from outcry.kit.address import AddressError, read_address

LockMode = Literal["", "GOVERNANCE", "COMPLIANCE"]

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile("[a-z0-9-]{1,40}")
_PREFIX = re.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LONGEST_PREFIX = 100


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Where files are kept. ``endpoint`` is the server's URL; ``lock`` is how Object Lock keeps what is put once."""

    name: str
    prefix: str
    endpoint: str
    region: str
    lock: LockMode


def read_s3_address(text: str) -> Bucket:
    """Return what an address says; raises AddressError, whose words never show the address.

    ``s3://bucket/prefix`` keeps files in a bucket of Amazon's, below a prefix or not. Options: ``region=``, by default
    us-east-1; ``endpoint=``, the URL of another server that speaks S3, over HTTPS unless it is on this machine; and
    ``lock=governance`` or ``lock=compliance``, for a bucket that was made with Object Lock.
    """
    address = read_address(text, options={"endpoint", "lock", "region"})
    if address.user or address.password or address.port is not None:
        raise AddressError("it names a bucket, no server and no keys: those have endpoint= and the environment")
    if not _BUCKET.fullmatch(address.host):
        raise AddressError("it names no bucket: s3://bucket/prefix")
    if address.path and not (_PREFIX.fullmatch(address.path) and len(address.path) <= _LONGEST_PREFIX):
        raise AddressError("after the bucket it may have a prefix of up to 100 letters, digits and ._-/")
    region = address.options.get("region", "us-east-1")
    if not _REGION.fullmatch(region):
        raise AddressError("region= is such as eu-central-1")
    lock = address.options.get("lock", "").upper()
    if lock not in ("", "GOVERNANCE", "COMPLIANCE"):
        raise AddressError("lock= may be governance or compliance; otherwise leave it out")
    return Bucket(
        name=address.host,
        prefix=address.path,
        endpoint=_read_endpoint(address.options.get("endpoint") or f"https://s3.{region}.amazonaws.com"),
        region=region,
        lock=cast(LockMode, lock),
    )


def _read_endpoint(url: str) -> str:
    try:
        host, _ = split_url(url)
    except AddressRefusedError as error:
        raise AddressError("endpoint= is no URL of a server") from error
    parts = urlsplit(url)
    if parts.path.strip("/"):
        raise AddressError("endpoint= must end with the server's name and port")
    if parts.scheme == "http" and not is_loopback(host):
        raise AddressError(
            "files must not cross a network in the clear: endpoint=http: is for a server on this machine"
        )
    return url.rstrip("/")
