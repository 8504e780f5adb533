"""The address of an engine: a URL that may hold a password, so that no error ever shows it."""

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


class AddressError(ValueError):
    """An address that cannot be used. Its words name what is wrong and never show the address."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """``scheme://user:password@host:port/path?option=value``, decoded; ``port`` is None where none is named."""

    scheme: str
    host: str
    port: int | None
    user: str
    password: str = field(repr=False)
    path: str
    options: Mapping[str, str]

    @property
    def is_loopback(self) -> bool:
        """Whether what is sent there stays on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read_address(text: str, *, options: Collection[str]) -> Address:
    """Return an address taken apart; ``options`` are those it may have. Raises AddressError."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        # The cause is dropped: it might show the password.
        raise AddressError(f"it is not an address. {_HINT}") from None
    if not host:
        raise AddressError(f"it names no host. {_HINT}")
    if parts.fragment or any(letter.isspace() or not letter.isprintable() for letter in text):
        raise AddressError(f"it contains # or white space. {_HINT}")
    return Address(
        scheme=parts.scheme,
        host=host,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        path=unquote(parts.path).strip("/"),
        options=_read_options(parts.query, options),
    )


_HINT = "It has the form scheme://user:password@host:port, with @ : / ? # % in a password written as %40 %3A %2F …"


def _read_options(query: str, known: Collection[str]) -> Mapping[str, str]:
    # Not parse_qs: it takes a plus, which mail addresses may contain, for a space.
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    if any(name not in known for name, _, _ in pairs) or len({name for name, _, _ in pairs}) < len(pairs):
        raise AddressError(f"after ? it may have, once each: {', '.join(sorted(known))}")
    return {name: unquote(value) for name, _, value in pairs}
