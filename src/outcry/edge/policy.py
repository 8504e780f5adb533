"""Content-Security-Policy: what the built page asks for, told by a header; and for everything else, nothing at all."""

import html
import re
from collections.abc import Iterable

# For answers that are data: a browser that is made to show one as a page may do nothing with it.
CLOSED_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

Sources = dict[str, tuple[str, ...]]

_STRICT: Sources = {
    "default-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
}
# A page cannot say this of itself.
_ONLY_HEADER: Sources = {"frame-ancestors": ("'none'",)}
# What the widget of a challenge is made of.
_WIDGETS = ("script-src", "style-src", "frame-src", "connect-src")
_META = re.compile(r'[ \t]*<meta http-equiv="content-security-policy" content="([^"]*)">\n?', re.IGNORECASE)


def split_page(page: str) -> tuple[str, Sources]:
    """Return the page without its own policy, and that policy, by directive.

    The build writes the hashes of the page's inline scripts into it. It leaves the page because two policies would both
    hold, and the header's could then never allow more.
    """
    found = _META.search(page)
    said = html.unescape(found.group(1)) if found else ""
    sources = dict(_STRICT)
    for directive in filter(None, (part.split() for part in said.split(";"))):
        sources[directive[0]] = tuple(directive[1:])
    return _META.sub("", page), sources | _ONLY_HEADER


def let_load(sources: Sources, origins: Iterable[str]) -> Sources:
    """Return a policy by which pages may load scripts of these origins, show frames of them and call them, too."""
    more = tuple(origins)
    if not more:
        return sources
    own = sources["default-src"]
    wider = {name: (*sources.get(name, own), *more) for name in _WIDGETS}
    return sources | wider


def to_header(sources: Sources) -> str:
    """Return a policy as the header's value."""
    return "; ".join(" ".join((name, *values)) for name, values in sources.items())
