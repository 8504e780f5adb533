"""What every engine of the Secrets port does, and what is particular to the folder of files."""

import asyncio
import base64
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from outcry.adapters.secrets.files import FilesSecrets
from outcry.adapters.secrets.vault import VaultSecrets
from outcry.adapters.secrets.vault_address import read_vault_address
from outcry.kit.errors import UnavailableError
from outcry.ports.secrets import Secrets
from tests.adapters_support.certificates import Authority
from tests.adapters_support.vault_server import VaultServer

OpenSecrets = Callable[[], Secrets]


@pytest.fixture(params=["files", "vault"])
async def open_secrets(
    request: pytest.FixtureRequest, tmp_path: Path, authority: Authority
) -> AsyncIterator[OpenSecrets]:
    """Give a function that opens the same store again, as another process would."""
    if request.param == "files":
        yield lambda: FilesSecrets(tmp_path / "secrets", environment={})
        return
    opened: list[VaultSecrets] = []
    with VaultServer(context=authority.server_context()) as server:

        def open_one() -> Secrets:
            address = f"{server.address}?ca={authority.ca_file}"
            opened.append(VaultSecrets(read_vault_address(address, environment={"VAULT_TOKEN": "root"})))
            return opened[-1]

        yield open_one
        for secrets in opened:
            await secrets.close()


async def test_a_secret_is_made_once_and_stays(open_secrets: OpenSecrets) -> None:
    first, second = open_secrets(), open_secrets()
    assert await first.find("master-key") is None
    made = await first.get_or_create("master-key", size=32)
    assert len(made) == 32
    assert await second.find("master-key") == made
    assert await second.get_or_create("master-key", size=32) == made
    await first.close()
    assert await open_secrets().find("master-key") == made


async def test_secrets_differ_by_name(open_secrets: OpenSecrets) -> None:
    secrets = open_secrets()
    assert await secrets.get_or_create("one", size=16) != await secrets.get_or_create("two", size=16)


async def test_who_asks_at_once_gets_the_same(open_secrets: OpenSecrets) -> None:
    stores = [open_secrets() for _ in range(16)]
    made = await asyncio.gather(*(store.get_or_create("shared", size=32) for store in stores))
    assert len(set(made)) == 1


@pytest.mark.parametrize("name", ["", "../up", "a/b", "Master", "a--b", "-a", "a-", "a b", "a\n", ".a", "ä", "a\x00"])
async def test_what_is_no_name_is_refused(open_secrets: OpenSecrets, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a secret"):
        await open_secrets().find(name)
    with pytest.raises(ValueError, match="not the name of a secret"):
        await open_secrets().get_or_create(name, size=8)


_OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from outcry.adapters.secrets.files import FilesSecrets
sys.stdin.readline()
print(asyncio.run(FilesSecrets(Path(sys.argv[1]), environment={}).get_or_create("shared", size=32)).hex())
"""


def test_processes_that_ask_at_once_get_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OTHER_PROCESS, str(tmp_path / "secrets")]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    made = {process.communicate(timeout=60)[0] for process in processes}
    assert len(made) == 1
    assert len(bytes.fromhex(made.pop())) == 32


async def test_only_the_owner_may_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "secrets"
    mask = os.umask(0)
    try:
        await FilesSecrets(folder, environment={}).get_or_create("master-key", size=32)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "master-key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["master-key"]


async def test_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    await FilesSecrets(folder, environment={}).get_or_create("one", size=8)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    await FilesSecrets(tmp_path, environment={}).get_or_create("master-key", size=32)
    given = {"OUTCRY_SECRET_MASTER_KEY": base64.b64encode(b"from outside").decode(), "PATH": "/bin"}
    secrets = FilesSecrets(tmp_path, environment=given)
    assert await secrets.find("master-key") == b"from outside"
    assert await secrets.get_or_create("master-key", size=32) == b"from outside"


async def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert await FilesSecrets(tmp_path, environment={"OUTCRY_SECRET_ONE": ""}).find("one") is None


@pytest.mark.parametrize("text", ["not base64!", "YQ", "ä"])
async def test_a_variable_that_is_not_base64_is_said_without_showing_it(tmp_path: Path, text: str) -> None:
    secrets = FilesSecrets(tmp_path, environment={"OUTCRY_SECRET_ONE": text})
    with pytest.raises(UnavailableError, match="OUTCRY_SECRET_ONE must be base64") as caught:
        await secrets.find("one")
    assert text not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_store_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be"):
        await FilesSecrets(tmp_path / "file", environment={}).get_or_create("one", size=8)


async def test_a_secret_that_cannot_be_read_is_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(UnavailableError, match="cannot be read"):
        await FilesSecrets(tmp_path, environment={}).get_or_create("one", size=8)
