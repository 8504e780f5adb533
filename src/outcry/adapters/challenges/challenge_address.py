"""What the address of a challenge says."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from outcry.adapters.outgoing.guarded import is_loopback
from outcry.kit.address import AddressError

_SITE_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeAddress:
    """The site's key, and the origin that serves the script and verifies; empty: the maker's own."""

    site_key: str
    base: str


def read_challenge_address(text: str) -> ChallengeAddress:
    """Return what ``turnstile:SITE_KEY`` or ``hcaptcha:SITE_KEY?base=https://host`` says; raises AddressError."""
    site_key, _, options = text.partition(":")[2].partition("?")
    if not _SITE_KEY.fullmatch(site_key):
        raise AddressError("after the colon it needs the site key that the provider gave you")
    if not options:
        return ChallengeAddress(site_key=site_key, base="")
    name, _, base = options.partition("=")
    if name != "base":
        raise AddressError("after ? it may have base=https://…")
    return ChallengeAddress(site_key=site_key, base=_read_base(base))


def _read_base(text: str) -> str:
    """Return an origin: it goes into the pages' policy, so that it may be nothing else."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError("base= is not an address") from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    plain = re.fullmatch(r"[a-z0-9.-]+", host) is not None
    if not safe or not plain or text != f"{parts.scheme}://{host}" + (f":{port}" if port else ""):
        raise AddressError("base= has to be https://host or https://host:port and nothing more")
    return text
