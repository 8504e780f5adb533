"""There is one way out: what makes a client for the network is the guard, or stands here with a reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "outcry"

CLIENTS = (
    "aiohttp",
    "aiosmtplib",
    "authlib.integrations",
    "ccxt",
    "curl_cffi",
    "ftplib",
    "http.client",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "hvac",
    "openai",
    "pycurl",
    "requests",
    "smtplib",
    "urllib.request",
    "urllib3",
    "websockets.asyncio.client",
    "websockets.client",
    "xmlrpc",
    "yfinance",
)
CALLS = frozenset({"open_connection", "create_connection", "sock_connect", "open_unix_connection"})

ALLOWED = {
    "adapters/outgoing/": "the guard itself",
    "adapters/blobs/s3.py": "a client over the guard's transport, for what the library of the store cannot send",
    "adapters/feed/alpaca.py": "a client and a socket over the guard",
    "adapters/feed/ccxt.py": "the library's clients, over the guard's connector",
    "adapters/feed/yahoo_calls.py": "the library's client, to an address that was checked, without redirects",
    "adapters/feed/yfinance.py": "the library's stream, over a socket of the guard",
    "adapters/challenges/siteverify.py": "a client over the guard's transport, and names of errors",
    "adapters/filings/sec.py": "a client over the guard's transport, and names of errors",
    "adapters/identity_provider/exchange.py": "the library's client, over the guard's transport",
    "adapters/identity_provider/outgoing.py": "a client over the guard's transport, and names of errors",
    "adapters/models/connecting.py": "the library's client, over the guard's transport",
    "adapters/models/failures.py": "names errors, calls nobody",
    "adapters/models/local.py": "a client over the guard's transport, for this machine",
    "adapters/mail/smtp.py": "the operator's own mail server, no HTTP; behind a breaker",
    "adapters/pages/web.py": "a client over the guard's transport, and names of errors",
    "client/": "a program's own way to an installation; no part of the server",
    "adapters/secrets/vault.py": "the operator's own Vault, whose library brings its client; behind a breaker",
}


def _found(path: Path) -> Iterator[str]:
    """Give what a file imports or calls that leads out, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            yield node.func.attr
            continue
        else:
            continue
        yield from (name for name in names if any(name == one or name.startswith(f"{one}.") for one in CLIENTS))


def _ways_out(package: Path) -> dict[str, list[str]]:
    found = {path.relative_to(package).as_posix(): sorted(_found(path)) for path in sorted(package.rglob("*.py"))}
    return {name: names for name, names in found.items() if names}


def test_only_the_guard_and_what_is_listed_leads_out() -> None:
    assert [name for name in _ways_out(PACKAGE) if not name.startswith(tuple(ALLOWED))] == []


def test_nothing_is_listed_that_leads_nowhere() -> None:
    ways = _ways_out(PACKAGE)
    assert [place for place in ALLOWED if not any(name.startswith(place) for name in ways)] == []


def test_what_is_made_over_the_guard_is_made_with_its_options() -> None:
    """Whoever makes a client of HTTP hands it the guard's transport; nobody turns following redirects on."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            keywords = {keyword.arg for keyword in node.keywords}
            place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            if name in ("AsyncClient", "AsyncOAuth2Client") and not place.startswith("client/"):
                assert None in keywords, f"{place}: make it with the guard's client_options"
            if name == "AsyncOpenAI":
                assert "http_client" in keywords, place
            for keyword in node.keywords:
                assert keyword.arg != "follow_redirects", f"{place}: redirects are followed by outgoing.guarded.get"


def test_ways_out_are_seen_in_every_form(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(
        "import httpx\n"
        "from urllib import request\n"
        "from urllib.parse import urlsplit\n"
        "async def late() -> None:\n"
        "    import requests.sessions\n"
        "    await asyncio.open_connection('a', 1)\n"
    )
    assert _ways_out(tmp_path) == {"sample.py": ["httpx", "open_connection", "requests.sessions", "urllib.request"]}
