"""Finds the links in what a person wrote."""

import hashlib
import re
from urllib.parse import urlsplit

MOST_LINKS = 3
LONGEST_LINK = 2_000

# What is quoted as code leads nowhere: whoever writes about an address does not send others there.
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(r"""https?://[^\s<>"'`\\^{}|\x00-\x1f]{3,}""", re.IGNORECASE)
_CLOSING = {")": "(", "]": "["}


def find_links(text: str) -> list[str]:
    """Return the first links of a message, each once, without what stands behind ``#`` and the full stop after it."""
    if "://" not in text:
        return []
    found: dict[str, None] = {}
    for match in _LINK.finditer(_CODE.sub(" ", text)):
        link = _clean(match[0])
        if link:
            found.setdefault(link)
        if len(found) == MOST_LINKS:
            break
    return list(found)


def digest_of(link: str) -> str:
    """Return by what a link is known."""
    return hashlib.sha256(link.encode()).hexdigest()


def host_of(link: str) -> str:
    """Return the server that a link names, as it is called."""
    return urlsplit(link).hostname or ""


def _clean(written: str) -> str:
    """Return a link as it is asked for; empty for what is none."""
    if len(written) > LONGEST_LINK:
        return ""
    link = _trim(written).partition("#")[0]
    try:
        parts = urlsplit(link)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not host or port == 0 or parts.username is not None:
        return ""
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()


def _trim(link: str) -> str:
    """Take away what belongs to the sentence: stops, stars, and brackets that were opened before the link."""
    end = len(link)
    while end:
        last = link[end - 1]
        if last in ".,;:!?*_~" or (last in _CLOSING and link.count(last, 0, end) > link.count(_CLOSING[last], 0, end)):
            end -= 1
        else:
            break
    return link[:end]
