"""Exports of a running server's log, by API and command line, verified without the server."""

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

from tests.e2e.test_cli import one_line, outcry
from tests.e2e.test_privacy import until
from tests.running import Client, RunningServer


def command(server: RunningServer, *arguments: str) -> Any:
    """Run ``outcry audit`` with the settings of a server."""
    return outcry(server.data, "audit", *arguments, **server.environment)


def listed(folder: Path) -> dict[str, int]:
    """Return who may what with each file of a folder."""
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}


async def test_an_export_by_the_api_is_verified(server: RunningServer, tmp_path: Path) -> None:
    owner = await Client(server.url).sign_up("Otto")
    room = await owner.call("POST", "/rooms", {"kind": "room", "title": "Ottos Ecke"})
    await owner.call("PATCH", f"/rooms/{room['id']}", {"title": "Ottos Winkel"})
    key = await owner.call("GET", "/audit/key")

    async def made() -> bool:
        answer = await owner.http.get("/audit/records/room/" + room["id"])
        return bool(answer.status_code == 200 and answer.json()["versions"] == 2)

    await until(made)
    tenant = owner.me["organisation"]["id"]
    path = tmp_path / "log.zip"
    done = command(server, "export", str(path), "--tenant", tenant)
    assert done.returncode == 0, done.stderr
    assert listed(tmp_path) == {"log.zip": 0o600}
    checked = command(server, "verify", str(path), "--key", key)
    assert checked.returncode == 0, checked.stdout
    assert f"outcry/audit/{tenant}" in checked.stdout

    answer = await owner.http.get("/audit/export")
    assert answer.status_code == 200, answer.text
    (tmp_path / "api.zip").write_bytes(answer.content)
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(tmp_path / "api.zip") as other:
        for name in one.namelist():
            if name != "manifest.json":
                assert one.read(name) == other.read(name), name
    versions = command(server, "record", str(path), "--object", f"room:{room['id']}", "--all").stdout.splitlines()
    assert [json.loads(one)["fields"]["title"] for one in versions] == ["Ottos Ecke", "Ottos Winkel"]

    async def told() -> bool:
        page = await owner.call("GET", "/audit/entries?act=audit.exported")
        return {one["after"]["by"] for one in page["items"]} == {"operator", "person"}

    await until(told)
    stale = one_line(command(server, "export", str(tmp_path / "none" / "log.zip"), "--tenant", tenant))
    assert "log.zip" in stale
    await owner.close()


async def test_an_export_of_a_stopped_installation(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", OUTCRY_AUTH_HASH_MEMORY_KIB="1024", OUTCRY_SAMPLE_MARKET="false").start()
    owner = await Client(server.url).sign_up("Otto")
    key = await owner.call("GET", "/audit/key")

    async def written() -> bool:
        return bool((await owner.call("GET", "/audit/entries"))["items"])

    await until(written)
    await owner.close()
    assert server.stop() == 0
    path = tmp_path / "log.zip"
    done = command(server, "export", str(path))
    assert done.returncode == 0, done.stderr
    assert f"{path}: " in done.stdout
    assert command(server, "verify", str(path), "--key", key).returncode == 0
    again = command(server, "export", str(path))
    assert again.returncode == 0, again.stderr
    wrong = one_line(command(server, "export", str(path), "--tenant", "0197f0e0-0000-7000-8000-000000000009"))
    assert "there is no log of 0197f0e0" in wrong


def test_an_installation_without_a_log(tmp_path: Path) -> None:
    said = one_line(outcry(tmp_path / "data", "audit", "export", str(tmp_path / "log.zip")))
    assert "no audit log with entries" in said
    assert not list((tmp_path / "data").rglob("audit-signing-key*"))
