"""The Secrets port on a Vault: one that refuses, is sealed, stalls or is absent; who we are there; and its address."""

import asyncio
import base64
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from outcry.adapters.secrets.vault import VaultSecrets
from outcry.adapters.secrets.vault_address import read_vault_address
from outcry.engines import UnknownEngineError, open_secrets
from outcry.kit.errors import UnavailableError
from outcry.settings import Settings
from tests.adapters_support.certificates import Authority
from tests.adapters_support.vault_server import SEALED, VaultServer, Version

ROLE = {"VAULT_ROLE_ID": "role", "VAULT_SECRET_ID": "secret-of-the-role"}
NAME = "outcry/master-key"

OpenVault = Callable[..., VaultSecrets]


@pytest.fixture
def vault() -> Iterator[VaultServer]:
    """A Vault on this machine, in the clear."""
    with VaultServer() as running:
        yield running


@pytest.fixture
async def open_vault(vault: VaultServer) -> AsyncIterator[OpenVault]:
    """Give a function that opens the Vault as somebody."""
    opened: list[VaultSecrets] = []

    def open_one(*, options: str = "", step_s: float = 5.0, total_s: float = 20.0, **who: str) -> VaultSecrets:
        server = read_vault_address(f"{vault.address}?tls=none{options}", environment=who or {"VAULT_TOKEN": "root"})
        opened.append(VaultSecrets(server, step_s=step_s, total_s=total_s))
        return opened[-1]

    yield open_one
    for secrets in opened:
        await secrets.close()


async def test_a_secret_is_kept_where_the_address_says_as_an_operator_would_write_it(
    vault: VaultServer, open_vault: OpenVault
) -> None:
    made = await open_vault(options="&namespace=desk").get_or_create("master-key", size=32)
    [version] = vault.versions[NAME]
    assert version.data == {"value": base64.b64encode(made).decode()}
    assert {headers["x-vault-namespace"] for _, _, headers in vault.requests} == {"desk"}
    vault.versions["outcry/pepper"] = [Version({"value": base64.b64encode(b"from an operator").decode() + "\n"})]
    assert await open_vault().find("pepper") == b"from an operator"


_OTHER_PROCESS = """
import asyncio, os, sys
from outcry.adapters.secrets.vault import VaultSecrets
from outcry.adapters.secrets.vault_address import read_vault_address
secrets = VaultSecrets(read_vault_address(sys.argv[1], environment=os.environ))
sys.stdin.readline()
print(asyncio.run(secrets.get_or_create("shared", size=32)).hex())
"""


def test_processes_that_ask_at_once_get_the_same(vault: VaultServer) -> None:
    command = [sys.executable, "-c", _OTHER_PROCESS, f"{vault.address}?tls=none"]
    environment = {**os.environ, "VAULT_TOKEN": "root"}
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    made = {process.communicate(timeout=60)[0] for process in processes}
    assert len(made) == 1
    assert len(bytes.fromhex(made.pop())) == 32
    assert len(vault.versions["outcry/shared"]) == 1


async def test_who_may_make_and_not_change_also_gets_what_another_was_first_to_make(
    vault: VaultServer, open_vault: OpenVault
) -> None:
    vault.tokens["maker"] = frozenset({"read", "create"})
    made = await asyncio.gather(
        *(open_vault(VAULT_TOKEN="maker").get_or_create("master-key", size=32) for _ in range(12))
    )
    assert len(set(made)) == 1
    assert len(vault.versions[NAME]) == 1


async def test_who_may_only_read_is_told(vault: VaultServer, open_vault: OpenVault) -> None:
    vault.tokens["reader"] = frozenset({"read"})
    reader = open_vault(VAULT_TOKEN="reader")
    assert await reader.find("master-key") is None
    with pytest.raises(UnavailableError, match="does not let us read or make secrets at secret/outcry"):
        await reader.get_or_create("master-key", size=32)
    made = await open_vault().get_or_create("master-key", size=32)
    assert await reader.get_or_create("master-key", size=32) == made


async def test_a_wrong_token_is_told_without_being_shown(open_vault: OpenVault) -> None:
    with pytest.raises(UnavailableError, match="look at the token and its policy") as caught:
        await open_vault(VAULT_TOKEN="hvs.hunter2").find("master-key")
    assert "hunter2" not in repr(caught.value) + repr(caught.value.__cause__)


async def test_a_deleted_secret_is_not_made_anew(vault: VaultServer, open_vault: OpenVault) -> None:
    secrets = open_vault()
    made = await secrets.get_or_create("master-key", size=32)
    vault.delete(NAME)
    for ask in (secrets.find, partial(secrets.get_or_create, size=32)):
        with pytest.raises(UnavailableError, match="was deleted in Vault"):
            await ask("master-key")
    vault.versions[NAME][-1].deletion_time = ""
    assert await secrets.find("master-key") == made
    vault.versions[NAME][-1].destroyed = True
    with pytest.raises(UnavailableError, match="was deleted in Vault"):
        await secrets.get_or_create("master-key", size=32)
    assert len(vault.versions[NAME]) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (SEALED, "sealed"),
        ((501, {"errors": ["not initialized"]}), "sealed or not ready"),
        ((429, {"errors": ["request path has exceeded its limit"]}), "too many requests"),
        ((500, {"errors": ["internal error"]}), "answered with an error"),
        ((400, {"errors": ["bad"]}), "answered with an error"),
        ((502, b"<html>"), "answered with an error"),
        ((412, {"errors": ["required index state not present"]}), "answered with an error"),
        ((404, {"errors": ["no handler for route"]}), "no KV store of version 2 at secret"),
        ((404, b"<html>"), "There is no Vault"),
        ((404, {}), "There is no Vault"),
        ((404, []), "cannot be understood"),
        ((500, [1, 2]), "cannot be understood"),
        ((307, None), "cannot be understood"),
        ((200, b"<html>"), "cannot be understood"),
        ((200, {}), "cannot be understood"),
        ((200, []), "cannot be understood"),
        ((200, {"data": None}), "cannot be understood"),
        ((200, {"data": {"value": "hunter2"}}), "not from a KV store of version 2"),
        ((200, {"data": {"data": {"password": "hunter2"}, "metadata": {"version": 1}}}), "has to be base64"),
        ((200, {"data": {"data": {"value": "hunter2!"}, "metadata": {"version": 1}}}), "has to be base64"),
        ((200, {"data": {"data": {"value": 1}, "metadata": {"version": 1}}}), "has to be base64"),
        ((200, {"data": {"data": None, "metadata": {"version": 1}}}), "has to be base64"),
    ],
)
async def test_a_vault_that_does_not_answer_as_it_should_is_told_and_nothing_is_made(
    answer: tuple[int, Any], words: str, vault: VaultServer, open_vault: OpenVault
) -> None:
    secrets = open_vault()
    vault.answer = answer
    for ask in (secrets.find, partial(secrets.get_or_create, size=32)):
        with pytest.raises(UnavailableError, match=words) as caught:
            await ask("master-key")
        assert "hunter2" not in str(caught.value)
    vault.answer = None
    assert await secrets.find("master-key") is None


async def test_a_redirect_is_not_followed_with_the_token(vault: VaultServer, open_vault: OpenVault) -> None:
    with VaultServer() as other:
        vault.answer = (307, None)
        vault.headers = {"location": f"http://127.0.0.1:{other.port}/v1/secret/data/outcry/master-key"}
        with pytest.raises(UnavailableError):
            await open_vault().find("master-key")
    assert other.requests == []


async def test_a_store_of_version_1_is_told(vault: VaultServer) -> None:
    address = f"vault://localhost:{vault.port}/old?tls=none"
    secrets = VaultSecrets(read_vault_address(address, environment={"VAULT_TOKEN": "root"}))
    with pytest.raises(UnavailableError, match="not a KV store of version 2"):
        await secrets.get_or_create("master-key", size=32)
    await secrets.close()


async def test_a_place_without_a_store_is_told(vault: VaultServer) -> None:
    address = f"vault://localhost:{vault.port}/nowhere?tls=none"
    secrets = VaultSecrets(read_vault_address(address, environment={"VAULT_TOKEN": "root"}))
    with pytest.raises(UnavailableError, match="no KV store of version 2 at nowhere"):
        await secrets.find("master-key")
    await secrets.close()


async def test_a_vault_that_stalls_is_given_up(vault: VaultServer, open_vault: OpenVault) -> None:
    vault.stall = True
    with pytest.raises(UnavailableError, match="did not answer in time"):
        await open_vault(step_s=0.2).find("master-key")
    assert vault.stalled.is_set()


async def test_the_whole_may_not_take_longer_than_it_may(vault: VaultServer, open_vault: OpenVault) -> None:
    vault.stall = True
    async with asyncio.timeout(20):
        with pytest.raises(UnavailableError, match="did not answer in time"):
            await open_vault(step_s=60, total_s=0.2).find("master-key")


async def test_a_vault_that_is_absent_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    address = f"vault://127.0.0.1:{port}/secret?tls=none"
    secrets = VaultSecrets(read_vault_address(address, environment={"VAULT_TOKEN": "root"}))
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await secrets.find("master-key")
    await secrets.close()


async def test_a_certificate_of_nobody_known_is_refused(authority: Authority) -> None:
    with VaultServer(context=authority.server_context()) as server:
        secrets = VaultSecrets(read_vault_address(server.address, environment={"VAULT_TOKEN": "root"}))
        with pytest.raises(UnavailableError, match="certificate cannot be trusted"):
            await secrets.find("master-key")
        await secrets.close()
    assert server.requests == []


# Who we are.


async def test_an_approle_signs_in_and_again_when_its_token_has_ended(
    vault: VaultServer, open_vault: OpenVault
) -> None:
    secrets = open_vault(**ROLE)
    made = await secrets.get_or_create("master-key", size=32)
    del vault.tokens["root"]
    assert len(vault.tokens) == 1
    vault.tokens.clear()
    assert await secrets.find("master-key") == made
    assert len(vault.tokens) == 1


async def test_a_wrong_approle_is_told_without_being_shown(open_vault: OpenVault) -> None:
    with pytest.raises(UnavailableError, match="did not accept VAULT_ROLE_ID") as caught:
        await open_vault(VAULT_ROLE_ID="role", VAULT_SECRET_ID="hunter2").find("master-key")
    assert "hunter2" not in repr(caught.value) + repr(caught.value.__cause__)


async def test_a_token_in_a_file_may_be_replaced_there(
    vault: VaultServer, open_vault: OpenVault, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("root\n")
    secrets = open_vault(options=f"&token_file={file}", VAULT_TOKEN="not this one")
    made = await secrets.get_or_create("master-key", size=32)
    vault.tokens = {"next": vault.tokens["root"]}
    with pytest.raises(UnavailableError, match="look at the token"):
        await secrets.find("master-key")
    file.write_text("next\n")
    assert await secrets.find("master-key") == made


def test_a_token_file_that_is_not_there_is_told(open_vault: OpenVault, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="token_file= names cannot be read"):
        open_vault(options=f"&token_file={tmp_path / 'none'}")


# Its address.


def test_an_address_says_where_and_how_safely() -> None:
    environment = {"VAULT_TOKEN": "t"}
    plain = read_vault_address("vault://vault.example.com/secret/outcry/desk", environment=environment)
    assert (plain.url, plain.mount, plain.folder) == ("https://vault.example.com:8200", "secret", "outcry/desk")
    local = read_vault_address("vault://[::1]:8300/kv?tls=none", environment=environment)
    assert (local.url, local.mount, local.folder) == ("http://[::1]:8300", "kv", "")
    assert "VAULT" not in repr(plain)


@pytest.mark.parametrize(
    ("address", "environment", "words"),
    [
        ("vault:", {"VAULT_TOKEN": "t"}, "names no host"),
        ("vault://vault:port/secret", {"VAULT_TOKEN": "t"}, "not an address"),
        ("vault://vault", {"VAULT_TOKEN": "t"}, "/secret/outcry"),
        ("vault://vault/secret/../sys", {"VAULT_TOKEN": "t"}, "/secret/outcry"),
        ("vault://vault/secret//x", {"VAULT_TOKEN": "t"}, "/secret/outcry"),
        ("vault://vault/secret/%3Fx", {"VAULT_TOKEN": "t"}, "/secret/outcry"),
        ("vault://hunter2@vault/secret", {"VAULT_TOKEN": "t"}, "must not contain"),
        ("vault://u:hunter2@vault/secret", {"VAULT_TOKEN": "t"}, "must not contain"),
        ("vault://vault/secret?tls=none", {"VAULT_TOKEN": "t"}, "in the clear"),
        ("vault://vault/secret?tls=hunter2", {"VAULT_TOKEN": "t"}, "may be none"),
        ("vault://vault/secret?token=hunter2", {"VAULT_TOKEN": "t"}, "ca, namespace, tls, token_file"),
        ("vault://vault/secret?ca=/hunter2", {"VAULT_TOKEN": "t"}, "not there"),
        ("vault://vault/secret", {}, "needs VAULT_TOKEN"),
        ("vault://vault/secret", {"VAULT_ROLE_ID": "r"}, "needs VAULT_TOKEN"),
        ("vault://vault/secret", {"VAULT_TOKEN": "hunter2\nx"}, "not a token"),
    ],
)
def test_a_wrong_address_stops_the_start_without_being_shown(
    address: str, environment: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VAULT_TOKEN", "VAULT_ROLE_ID", "VAULT_SECRET_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UnknownEngineError) as caught:
        open_secrets(Settings(secrets=address))
    assert words in str(caught.value)
    assert "OUTCRY_SECRETS" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_setting_chooses_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "t")
    assert isinstance(open_secrets(Settings(secrets="vault://vault/secret")), VaultSecrets)
