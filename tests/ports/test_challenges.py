"""What every engine of the Challenges port does, over a server that speaks siteverify."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from outcry.adapters.challenges.challenge_address import read_challenge_address
from outcry.adapters.challenges.hcaptcha import HcaptchaChallenges
from outcry.adapters.challenges.none import NoneChallenges
from outcry.adapters.challenges.turnstile import TurnstileChallenges
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.secrets.files import FilesSecrets
from outcry.engines import UnknownEngineError, open_challenges
from outcry.kit.errors import UnavailableError
from outcry.ports.challenges import Challenges
from outcry.settings import Settings
from tests.adapters_support.challenge_server import SECRET, SITE_KEY, ChallengeServer
from tests.adapters_support.web_server import Reply

ENGINES = {"turnstile": TurnstileChallenges, "hcaptcha": HcaptchaChallenges}
PATHS = {"turnstile": "/turnstile/v0/siteverify", "hcaptcha": "/siteverify"}
HERE = "203.0.113.7"
WORLD = "8.8.4.4"

Open = Callable[..., Challenges]


@pytest.fixture
def secrets(tmp_path: Path) -> FilesSecrets:
    """Secrets with those of both makers."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for provider in ENGINES:
        (folder / f"challenge-{provider}").write_text(f"{SECRET}\n")
    return FilesSecrets(folder, environment={})


@pytest.fixture
async def server() -> AsyncIterator[ChallengeServer]:
    """The makers' server."""
    async with ChallengeServer() as running:
        yield running


@pytest.fixture(params=sorted(ENGINES))
def provider(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
async def challenges(provider: str, server: ChallengeServer, secrets: FilesSecrets) -> AsyncIterator[Challenges]:
    """An engine that was started."""
    address = read_challenge_address(f"{provider}:{SITE_KEY}?base={server.url}")
    opened = ENGINES[provider](address, secrets=secrets)
    await opened.start()
    yield opened
    await opened.close()


async def test_what_was_solved_is_good_once(challenges: Challenges, server: ChallengeServer) -> None:
    response = server.solve()
    assert await challenges.verify(response, address=HERE)
    assert not await challenges.verify(response, address=HERE)


async def test_of_two_who_show_it_at_once_one_gets_through(challenges: Challenges, server: ChallengeServer) -> None:
    response = server.solve()
    both = await asyncio.gather(*(challenges.verify(response, address=HERE) for _ in range(2)))
    assert sorted(both) == [False, True]


@pytest.mark.parametrize("response", ["made-up", "", "two words", "über", "x" * 8_193, "a\r\nsecret: b"])
async def test_anything_else_is_not(challenges: Challenges, server: ChallengeServer, response: str) -> None:
    assert not await challenges.verify(response, address=HERE)
    assert len(server.verified) == (response == "made-up")


async def test_where_it_came_from_is_told_only_of_the_internet(challenges: Challenges, server: ChallengeServer) -> None:
    for address in (WORLD, "10.0.0.7", "::1", "unknown", f"::ffff:{WORLD}"):
        await challenges.verify(server.solve(), address=address)
    assert [asked.form.get("remoteip") for asked in server.verified] == [WORLD, None, None, None, WORLD]


async def test_pages_learn_whose_widget_it_is(challenges: Challenges, server: ChallengeServer, provider: str) -> None:
    widget = challenges.widget
    assert widget is not None
    assert (widget.provider, widget.site_key) == (provider, SITE_KEY)
    assert widget.script.startswith(f"{server.url}/")
    assert widget.origins == (server.url,)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(302, b"", {"location": "/elsewhere"}),
        Reply(200, b"<html>"),
        Reply(200, b"[]"),
        Reply(200, b"{}"),
        Reply(200, b'{"success": "true"}'),
        Reply(200, b'{"success": 1}'),
        Reply(200, b"[" * 100_000),
        Reply(200, b" " * 70_000 + b'{"success": true}'),
        Reply.json({"success": False, "error-codes": ["internal-error"]}),
        Reply.json({"success": False, "error-codes": ["invalid-input-secret"]}),
    ],
    ids=["500", "redirect", "page", "list", "empty", "text", "number", "nested", "endless", "theirs", "ours"],
)
async def test_who_cannot_tell_neither_lets_in_nor_refuses(
    challenges: Challenges, server: ChallengeServer, provider: str, reply: Reply
) -> None:
    server.replies[PATHS[provider]] = reply
    with pytest.raises(UnavailableError):
        await challenges.verify(server.solve(), address=HERE)
    assert len(server.verified) == 1, "a response is used up by being shown: never sent twice"


async def test_an_odd_list_of_reasons_is_a_no(challenges: Challenges, server: ChallengeServer, provider: str) -> None:
    for codes in (None, "bad", [1, {}], ["invalid-input-response"]):
        said: dict[str, Any] = {"success": False, "error-codes": codes}
        server.replies[PATHS[provider]] = Reply.json(said)
        assert not await challenges.verify(server.solve(), address=HERE)


async def test_a_wrong_secret_is_the_operators_and_logged_without_it(
    challenges: Challenges, server: ChallengeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.secret = "another"
    response = server.solve()
    with caplog.at_level(logging.DEBUG), pytest.raises(UnavailableError):
        await challenges.verify(response, address=HERE)
    assert "invalid-input-secret" in caplog.text
    assert SECRET not in caplog.text
    assert response not in caplog.text


async def test_who_fails_often_is_left_alone(provider: str, server: ChallengeServer, secrets: FilesSecrets) -> None:
    outside = Destinations()
    address = read_challenge_address(f"{provider}:{SITE_KEY}?base={server.url}")
    challenges = ENGINES[provider](address, secrets=secrets, outside=outside)
    await challenges.start()
    server.replies[PATHS[provider]] = Reply(503)
    for _ in range(8):
        with pytest.raises(UnavailableError):
            await challenges.verify(server.solve(), address=HERE)
    assert outside.counts()["challenge_server.open"] == 1
    assert outside.counts()["challenge_server.refused"] == 3
    await challenges.close()


async def test_without_a_secret_nothing_starts(provider: str, tmp_path: Path) -> None:
    empty = FilesSecrets(tmp_path / "none", environment={})
    challenges = ENGINES[provider](read_challenge_address(f"{provider}:{SITE_KEY}"), secrets=empty)
    with pytest.raises(UnavailableError, match=f"challenge-{provider}"):
        await challenges.start()
    await challenges.close()


async def test_hcaptcha_is_told_for_which_site(server: ChallengeServer, secrets: FilesSecrets) -> None:
    address = read_challenge_address(f"hcaptcha:{SITE_KEY}?base={server.url}")
    challenges = HcaptchaChallenges(address, secrets=secrets)
    await challenges.start()
    assert not await challenges.verify(server.solve("another-site-key"), address=HERE)
    await challenges.close()


async def test_the_makers_own_servers_are_the_usual_ones(secrets: FilesSecrets) -> None:
    turnstile = TurnstileChallenges(read_challenge_address(f"turnstile:{SITE_KEY}"), secrets=secrets)
    hcaptcha = HcaptchaChallenges(read_challenge_address(f"hcaptcha:{SITE_KEY}"), secrets=secrets)
    assert turnstile.widget is not None
    assert hcaptcha.widget is not None
    assert turnstile.widget.script == "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit"
    assert turnstile.widget.origins == ("https://challenges.cloudflare.com",)
    assert hcaptcha.widget.script == "https://js.hcaptcha.com/1/api.js?render=explicit"
    assert hcaptcha.widget.origins == ("https://hcaptcha.com", "https://*.hcaptcha.com")
    await turnstile.close()
    await hcaptcha.close()


async def test_nobody_is_asked_unless_it_is_set(secrets: FilesSecrets) -> None:
    challenges = open_challenges(Settings(), secrets)
    assert isinstance(challenges, NoneChallenges)
    await challenges.start()
    assert challenges.widget is None
    assert not await challenges.verify("anything", address=HERE)
    await challenges.close()


@pytest.mark.parametrize(
    "address",
    [
        "recaptcha:12345678",
        "turnstile",
        "turnstile:",
        "turnstile:short",
        "hcaptcha:white space here",
        f"turnstile:{SITE_KEY}?secret=x",
        f"turnstile:{SITE_KEY}?base=",
        f"turnstile:{SITE_KEY}?base=http://far.example",
        f"turnstile:{SITE_KEY}?base=https://far.example/path",
        f"turnstile:{SITE_KEY}?base=https://far.example; script-src *",
        f"turnstile:{SITE_KEY}?base=https://*.example",
        f"turnstile:{SITE_KEY}?base=https://user@far.example",
        f"turnstile:{SITE_KEY}?base=javascript:alert(1)",
    ],
)
def test_a_wrong_address_stops_the_start(address: str, secrets: FilesSecrets) -> None:
    with pytest.raises(UnknownEngineError, match="OUTCRY_CHALLENGE"):
        open_challenges(Settings(challenge=address), secrets)
