"""What the address of a feed says."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from outcry.adapters.outgoing.addresses import AddressRefusedError, split_url
from outcry.adapters.outgoing.guarded import is_loopback
from outcry.kit.address import AddressError

_OPTIONS = frozenset({"symbols", "url", "silence"})
_SOURCE = re.compile("[a-z0-9_]{0,40}")
_SYMBOL = re.compile(r"[\^]?[A-Za-z0-9][A-Za-z0-9.\-_=/:]{0,40}")
_MOST_SYMBOLS = 200
_SILENCE_S = 30.0
_LEAST_SILENCE_S, _MOST_SILENCE_S = 0.1, 3600.0


@dataclass(frozen=True, kw_only=True)
class FeedAddress:
    """Which source is followed, and what of it.

    ``symbols`` are spelled as the source does. ``url`` is a gateway that speaks the source's protocol, empty for the
    source itself. ``silence_s`` is after how long without a word the connection counts as frozen.
    """

    kind: str
    source: str
    symbols: tuple[str, ...]
    url: str
    silence_s: float

    @property
    def name(self) -> str:
        """What it is called on screens and in logs."""
        return f"{self.kind}:{self.source}" if self.source else self.kind


def read_feed_address(text: str) -> FeedAddress:
    """Return what ``kind:source?symbols=A,B&url=https://gateway&silence=30`` says; raises AddressError."""
    kind, _, rest = text.partition(":")
    source, _, query = rest.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    options = {name: unquote(value) for name, _, value in pairs}
    if set(options) - _OPTIONS or len(options) < len(pairs):
        raise AddressError(f"after ? it may have, once each: {', '.join(sorted(_OPTIONS))}")
    if not _SOURCE.fullmatch(source):
        raise AddressError("the source is a short name in small letters, such as binance. Keys are never part of it.")
    return FeedAddress(
        kind=kind,
        source=source,
        symbols=_read_symbols(options.get("symbols", "")),
        url=_read_url(options.get("url", "")),
        silence_s=_read_silence(options.get("silence", "")),
    )


def _read_symbols(text: str) -> tuple[str, ...]:
    symbols = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    if not symbols:
        raise AddressError("it has to name what to follow: ?symbols=BTC/USDT,ETH/USDT")
    if len(symbols) > _MOST_SYMBOLS:
        raise AddressError(f"it may name at most {_MOST_SYMBOLS} symbols")
    if not all(_SYMBOL.fullmatch(one) for one in symbols):
        raise AddressError("a symbol is made of letters, digits and . - _ = / : alone")
    return symbols


def _read_url(text: str) -> str:
    if not text:
        return ""
    try:
        host, _ = split_url(text)
    except AddressRefusedError as error:
        raise AddressError(f"url= is no address of a gateway: {error.detail}") from error
    if urlsplit(text).scheme == "http" and not is_loopback(host):
        raise AddressError("url= has to begin with https:// unless the gateway is on this machine")
    return text.rstrip("/")


def _read_silence(text: str) -> float:
    try:
        seconds = float(text or _SILENCE_S)
    except ValueError:
        seconds = -1.0
    if not _LEAST_SILENCE_S <= seconds <= _MOST_SILENCE_S:
        raise AddressError("silence= is a number of seconds, at most an hour")
    return seconds


def to_own_symbol(source_symbol: str) -> str:
    """Return a source's symbol in our spelling: BTC/USDT is BTC-USDT; what settles a contract is left out of it."""
    return source_symbol.upper().replace("/", "-").replace(":", "-")
