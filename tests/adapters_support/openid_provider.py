"""A real OpenID provider (npm ``oidc-provider``) in a process of its own, and a person who uses its pages."""

import asyncio
import contextlib
import html
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

FOLDER = Path(__file__).parent / "oidc"
CLIENT_ID, CLIENT_SECRET = "outcry-desk", "a-secret-of-the-client"

_FORM = re.compile(r'<form[^>]* action="([^"]+)"')
_PROMPT = re.compile(r'name="prompt" value="(\w+)"')


def _node() -> str:
    """Return Node.js: the system's, else the one beside Python; skip where there is none."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if found is None or not (FOLDER / "node_modules").exists():
        pytest.skip("The OpenID provider for tests is not installed: make engines")
    return found


@contextlib.asynccontextmanager
async def openid_provider(*redirect_uris: str) -> AsyncIterator[str]:
    """Start a provider that sends browsers back to these addresses; gives its issuer."""
    process = await asyncio.create_subprocess_exec(
        _node(),
        "server.mjs",
        CLIENT_ID,
        CLIENT_SECRET,
        *redirect_uris,
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), timeout=60)
        word, _, issuer = line.decode().strip().partition(" ")
        assert word == "ready", "the OpenID provider did not start"
        yield issuer
    finally:
        process.stdin.close()
        await process.wait()


async def sign_in_there(url: str, *, name: str, agree: bool = True) -> str:
    """Go through a provider's pages as a person does: sign in, agree or not; return where the browser is sent."""
    home = re.match(r"https?://[^/]+", url)
    assert home is not None
    async with httpx.AsyncClient(base_url=home[0]) as http:
        response = await http.get(url)
        for _ in range(20):
            if response.is_redirect:
                target = response.headers["location"]
                if not target.startswith(("/", home[0])):
                    return str(target)
                response = await http.get(target)
            else:
                response = await _fill_in(http, response.text, name=name, agree=agree)
    raise AssertionError("the provider asks without end")


async def _fill_in(http: httpx.AsyncClient, page: str, *, name: str, agree: bool) -> httpx.Response:
    form, prompt = _FORM.search(page), _PROMPT.search(page)
    assert form is not None, page
    assert prompt is not None, page
    action = html.unescape(form[1])
    if not agree:
        return await http.get(f"{action}/abort")
    return await http.post(action, data={"prompt": prompt[1], "login": name, "password": "any"})
