"""What the platform calls outside: each engine leaves a server that fails alone, and says so at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from outcry.adapters.identity_provider.oidc import OidcIdentityProvider
from outcry.adapters.mail.smtp import SmtpMail
from outcry.adapters.mail.smtp_address import read_smtp_address
from outcry.adapters.models.openai import OpenaiModels
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.secrets.vault import VaultSecrets
from outcry.adapters.secrets.vault_address import read_vault_address
from outcry.kit.clock import FakeClock, SystemClock
from outcry.kit.errors import UnavailableError
from outcry.ports.mail import RefusedMailError
from outcry.ports.models import ModelServer
from tests.adapters_support.letters import mail_to
from tests.adapters_support.mail_server import MailServer
from tests.adapters_support.openai_server import Fail, OpenaiServer, Say, Stall
from tests.adapters_support.openid_server import ERRAND, OpenidServer, provider_config
from tests.adapters_support.vault_server import SEALED, VaultServer
from tests.adapters_support.web_server import Reply
from tests.ports.test_models import ask

REST_S = 13.0


@dataclass
class Time:
    """Seconds that are moved by hand."""

    now: float = 0.0


@pytest.fixture
def time() -> Time:
    """The time of all destinations."""
    return Time()


@pytest.fixture
def outside(time: Time) -> Destinations:
    """How calls go."""
    return Destinations(now=lambda: time.now)


def only_state(outside: Destinations) -> str:
    [standing] = outside.standings()
    return standing.state


# The mail server.


async def test_a_mail_server_that_is_absent_is_left_alone_and_tried_again(
    outside: Destinations, time: Time, fake_clock: FakeClock
) -> None:
    server = MailServer()
    async with server:
        address = read_smtp_address(f"smtp://localhost:{server.port}?from=desk@example.com")
        mail = SmtpMail(address, clock=fake_clock, outside=outside)
    for _ in range(5):
        with pytest.raises(UnavailableError, match="cannot be reached"):
            await mail.send(mail_to())
    with pytest.raises(UnavailableError, match="mail server failed too often") as caught:
        await mail.send(mail_to())
    assert caught.value.wait_s > 0
    time.now += REST_S
    async with server:
        await mail.send(mail_to())
    assert len(server.received) == 1
    assert outside.counts() == {
        "mail_server.calls": 6,
        "mail_server.failures": 5,
        "mail_server.openings": 1,
        "mail_server.refused": 1,
    }


@pytest.mark.parametrize("answer", ["451 come again", "452 the box is full", "550 nobody here"])
async def test_a_mail_server_that_says_no_to_mails_is_not_left_alone(
    outside: Destinations, fake_clock: FakeClock, answer: str
) -> None:
    async with MailServer(answers={"RCPT": answer}) as server:
        address = read_smtp_address(f"smtp://localhost:{server.port}?from=desk@example.com")
        mail = SmtpMail(address, clock=fake_clock, outside=outside)
        for _ in range(8):
            with pytest.raises((UnavailableError, RefusedMailError), match=answer[:3]):
                await mail.send(mail_to())
        server.answers.clear()
        await mail.send(mail_to())
        assert len(server.received) == 1


@pytest.mark.parametrize("answer", ["421 closing", "stall", "cut"])
async def test_a_mail_server_that_breaks_off_is_left_alone_and_no_mail_goes_twice(
    outside: Destinations, fake_clock: FakeClock, answer: str
) -> None:
    async with MailServer(answers={"DATA": answer}) as server:
        address = read_smtp_address(f"smtp://localhost:{server.port}?from=desk@example.com")
        mail = SmtpMail(address, clock=fake_clock, step_s=0.2, outside=outside)
        for _ in range(7):
            with pytest.raises(UnavailableError):
                await mail.send(mail_to())
    assert only_state(outside) == "open"
    assert outside.counts()["mail_server.calls"] == 5


# Vault.


@pytest.fixture
async def vault(outside: Destinations) -> AsyncIterator[tuple[VaultServer, VaultSecrets]]:
    """A Vault, and the engine on it."""
    with VaultServer() as server:
        secrets = VaultSecrets(
            read_vault_address(f"{server.address}?tls=none", environment={"VAULT_TOKEN": "root"}), outside=outside
        )
        yield server, secrets
        await secrets.close()


async def test_a_vault_that_is_sealed_is_left_alone_and_tried_again(
    outside: Destinations, time: Time, vault: tuple[VaultServer, VaultSecrets]
) -> None:
    server, secrets = vault
    server.answer = SEALED
    found = [await _error(secrets, "master-key") for _ in range(7)]
    assert found[0] == "Vault is sealed or not ready."
    assert found[-1].startswith("The Vault failed too often and is not asked for a while.")
    assert len(server.requests) == 5  # one of them a second try
    server.answer = None
    time.now += REST_S
    made = await secrets.get_or_create("master-key", size=32)
    assert await secrets.find("master-key") == made
    assert only_state(outside) == "closed"


async def test_a_vault_that_asks_us_to_wait_is_left_alone(time: Time, vault: tuple[VaultServer, VaultSecrets]) -> None:
    server, secrets = vault
    server.answer, server.headers = (429, {"errors": ["quota"]}), {"Retry-After": "20"}
    assert await _error(secrets, "master-key") == "Vault refused because of too many requests."
    assert await _error(secrets, "master-key") == "The Vault asked us to wait. Try again in 20 seconds."
    assert len(server.requests) == 1
    server.answer = None
    time.now += 20
    assert await secrets.find("master-key") is None


async def test_a_vault_that_has_nothing_for_us_is_not_left_alone(
    outside: Destinations, vault: tuple[VaultServer, VaultSecrets]
) -> None:
    server, secrets = vault
    server.tokens.clear()
    for _ in range(8):
        assert "does not let us" in await _error(secrets, "master-key")
    assert only_state(outside) == "closed"


async def _error(secrets: VaultSecrets, name: str) -> str:
    with pytest.raises(UnavailableError) as caught:
        await secrets.find(name)
    return caught.value.detail


# Sign-in providers.


async def test_a_provider_that_fails_is_left_alone_and_tried_again(outside: Destinations, time: Time) -> None:
    async with OpenidServer() as server:
        provider = OidcIdentityProvider(provider_config(server.url), SystemClock(), outside=outside)
        path = "/.well-known/openid-configuration"
        server.replies[path] = Reply(500)
        for _ in range(5):
            with pytest.raises(UnavailableError, match="Corp cannot be asked right now"):
                await provider.address(ERRAND)
        with pytest.raises(UnavailableError, match="failed too often"):
            await provider.address(ERRAND)
        assert len(server.asked) == 5
        del server.replies[path]
        time.now += REST_S
        assert await provider.address(ERRAND)
        await provider.close()
    assert only_state(outside) == "closed"


class Once(dict[str, Reply]):
    """Replies that are given once each."""

    def get(self, path: str, default: Any = None) -> Any:
        return self.pop(path, default)


async def test_a_provider_that_stumbles_once_is_asked_again(outside: Destinations) -> None:
    async with OpenidServer() as server:
        provider = OidcIdentityProvider(provider_config(server.url), SystemClock(), outside=outside)
        server.replies = Once({"/.well-known/openid-configuration": Reply(503)})
        assert await provider.address(ERRAND)
        await provider.close()
    assert outside.counts()["sign-in_provider.retries"] == 1


# Model servers.


@pytest.fixture
async def models(outside: Destinations) -> AsyncIterator[OpenaiModels]:
    """The engine, impatient."""
    engine = OpenaiModels(connect_s=1.0, silence_s=0.2, outside=outside)
    yield engine
    await engine.close()


async def _why(models: OpenaiModels, server: ModelServer) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # the client library's own, explained below
        await ask(await models.at(server), "hello")
    return models.explain(caught.value)


@pytest.mark.parametrize("step", [Fail(500), Fail(529), Stall("a b")], ids=str)
async def test_a_model_server_that_fails_is_left_alone_and_tried_again(
    outside: Destinations, time: Time, models: OpenaiModels, step: Fail | Stall
) -> None:
    async with OpenaiServer() as server:
        target = ModelServer(base_url=server.base_url, model="m", private_allowed=True)
        server.play(step)
        for _ in range(5):
            await _why(models, target)
        assert await _why(models, target) == "failed too often and is not asked for a while"
        assert len(server.requests) == 5
        server.play(Say("well again"))
        time.now += REST_S
        assert await ask(await models.at(target), "hello") == "well again"
    assert only_state(outside) == "closed"


async def test_trying_a_model_server_does_not_wait_for_the_rest_to_end(models: OpenaiModels) -> None:
    async with OpenaiServer() as server:
        target = ModelServer(base_url=server.base_url, model="test-model", private_allowed=True)
        server.play(Fail(500))
        for _ in range(6):
            await _why(models, target)
        server.play(Say("ready"))
        assert (await models.try_server(target)).ok
        assert await ask(await models.at(target), "hello") == "ready"


async def test_one_key_of_a_model_server_does_not_keep_others_from_it(models: OpenaiModels) -> None:
    async with OpenaiServer() as server:
        mine, yours = (
            ModelServer(base_url=server.base_url, model="m", api_key=key, private_allowed=True) for key in "ab"
        )
        server.play(Fail(429, headers=(("retry-after", "60"),)))
        assert await _why(models, mine) == "refused because of too many requests"
        assert await _why(models, mine) == "asked us to wait"
        server.play(Say("ready"))
        assert await ask(await models.at(yours), "hello") == "ready"


async def test_a_bomb_from_a_model_server_does_not_unpack(models: OpenaiModels) -> None:
    async with OpenaiServer() as server:
        target = ModelServer(base_url=server.base_url, model="m", private_allowed=True)
        server.play(Fail(500, body="x" * 1_000, headers=(("content-encoding", "gzip"),)))
        assert await _why(models, target) == "broke the connection"
        assert server.requests[-1].headers["accept-encoding"] == "identity"
