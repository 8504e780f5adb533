"""A person's export and erasure over every service, on a running server, and after an older copy was put back."""

import asyncio
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
from PIL import Image
from sqlalchemy.engine import make_url

from outcry.services.audit.verification import verify_export
from tests.e2e.conftest import far_apart
from tests.e2e.test_cli import outcry
from tests.running import PASSWORD, Client, RunningServer
from tests.words import forms_of, search

NAME = "Zébulon Quagmire-Ötzi"
EMAIL = "zebulon.quagmire@kumquat-lighthouse.example"
SAID = ("xylophonic marmalade", "überflüssige Quittenmarmelade")
TITLE = "Zyzzyva soirée"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    """A server whose data this test copies and puts back."""
    extra = far_apart(request.param, request)
    light = {"OUTCRY_AUTH_HASH_MEMORY_KIB": "1024", "OUTCRY_SAMPLE_MARKET": "false"}
    running = RunningServer(tmp_path / "data", **light, **extra).start()
    yield running
    running.stop()
    print("".join(running.output))


@dataclass
class Copy:
    """An older copy of everything that a stopped server stored, but the ledger of erasures."""

    folder: Path
    dsn: str | None

    @classmethod
    def of(cls, server: RunningServer) -> "Copy":
        folder = server.data.with_name("older")
        shutil.copytree(server.data, folder)
        dsn = server.environment.get("OUTCRY_DATABASE")
        if dsn is not None:
            url = make_url(dsn)
            older = f"{url.database}_older"
            command = f"CREATE DATABASE {older} TEMPLATE {url.database}"
            host = str(url.query["host"])
            subprocess.run(["psql", "-h", host, "-U", str(url.username), "-qc", command, "postgres"], check=True)
            dsn = f"postgresql://{url.username}@/{older}?host={host}"
        return cls(folder, dsn)

    def put_back(self, server: RunningServer) -> None:
        shutil.rmtree(server.data)
        shutil.copytree(self.folder, server.data)
        if self.dsn is not None:
            server.environment["OUTCRY_DATABASE"] = self.dsn


@dataclass
class Story:
    """Zébulon, who is known by distinctive words, and Ola, who runs the installation; they share a room."""

    zeb: Client
    ola: Client
    shared: str
    words: list[bytes]


async def register(server: RunningServer, email: str, name: str) -> Client:
    person = Client(server.url)
    person._keep(await person.call("POST", "/auth/register", {"email": email, "password": PASSWORD, "name": name}))
    return person


async def until(check: Any, *, within_s: float = 30) -> Any:
    """Wait until something true comes of it, and return that; fails with what came last."""
    async with asyncio.timeout(within_s):
        while not (found := await check()):  # noqa: ASYNC110  # another process's files tell nobody that they changed
            await asyncio.sleep(0.05)
    return found


async def invited(server: RunningServer, host: Client, guest: Client) -> None:
    """Bring somebody into another's organisation by the link in the mail."""
    await host.call("POST", "/auth/organisation/invitations", {"email": EMAIL, "role": "member"})

    async def link() -> "re.Match[str] | None":
        texts = [path.read_text() for path in (server.data / "mail").glob("*.eml")]
        return next((found for text in texts if (found := re.search(r"/invitation#(\S+)", text))), None)

    token = (await until(link))[1]
    headers = {"X-Outcry": "1"}
    joined = await guest.http.post("/auth/invitations/accept", json={"token": token}, headers=headers)
    assert joined.status_code == 200, joined.text
    guest._keep(joined.json())


async def choose_picture(person: Client) -> bytes:
    """Choose a picture of noise, and return a piece of it as it is stored."""
    noise = io.BytesIO()
    Image.frombytes("RGB", (256, 256), os.urandom(3 * 256 * 256)).save(noise, "PNG")
    chosen = await person.http.put("/auth/me/picture", content=noise.getvalue(), headers={"content-type": "image/png"})
    assert chosen.status_code == 200, chosen.text
    shown = await person.http.get(f"/auth/people/{person.me['person']['id']}/picture")
    assert shown.status_code == 200, shown.text
    return shown.content[1_000:1_064]


async def live(server: RunningServer) -> Story:
    """Let Zébulon leave traces everywhere."""
    ola = await register(server, "ola@example.com", "Ola")
    zeb = await register(server, EMAIL, NAME)
    offer = await zeb.call("POST", "/auth/factors/totp")
    code = pyotp.TOTP(offer["secret"]).now()
    await zeb.call("POST", "/auth/factors/totp/confirm", {"ticket": offer["ticket"], "code": code})
    picture = await choose_picture(zeb)
    own_room = await zeb.new_conversation()
    await zeb.ask(own_room, f"{SAID[0]}: what is the RSI of AAPL?")
    # With a key, so that the answer is kept for a day, too.
    renamed = await zeb.http.patch(f"/rooms/{own_room}", json={"title": TITLE}, headers={"idempotency-key": "rename"})
    assert renamed.status_code == 200, renamed.text

    await invited(server, ola, zeb)
    shared = (await ola.call("POST", "/rooms", {"kind": "room"}))["id"]
    await ola.call("POST", f"/rooms/{shared}/members", {"email": EMAIL})
    await ola.post(shared, "Good morning")  # which names the room
    await ola.post(shared, "Ola's own words")
    await zeb.post(shared, SAID[1])
    seed = offer["secret"]
    traces = [NAME, EMAIL, "kumquat-lighthouse", "Quagmire", *SAID, TITLE, seed]
    words = [*(trace.encode() for trace in traces), picture]
    return Story(zeb, ola, shared, words)


@pytest.fixture
async def story(own: RunningServer) -> AsyncIterator[Story]:
    told = await live(own)
    yield told
    for person in (told.zeb, told.ola):
        await person.close()


async def check_export(zeb: Client, words: list[bytes]) -> None:
    answer = await zeb.http.post("/auth/me/export")
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    content = b"\n".join(archive.read(name) for name in archive.namelist())
    for word in (NAME, EMAIL, *SAID, TITLE):
        assert word.encode() in content, word
    assert words[-1] in archive.read("picture.png")
    assert b"Ola's own words" not in content
    assert "edge/keyed_requests.jsonl" in archive.namelist()
    account = json.loads(archive.read("account.json"))
    assert len(account["totp"]) == 1
    assert account["organisations"][0]["name"]


async def check_the_others_went_on(url: str, shared: str) -> None:
    ola = await Client(url).sign_in("ola@example.com")
    messages = await ola.history(shared)
    assert "Ola's own words" in [message["text"] for message in messages]
    assert "Former member" in {message["author"]["name"] for message in messages}
    stranger = Client(url)
    refused = await stranger.http.post("/auth/sign-in", json={"email": EMAIL, "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")
    for person in (ola, stranger):
        await person.close()


async def test_what_is_theirs_comes_out_and_is_gone_for_good(own: RunningServer, story: Story) -> None:
    zeb, words = story.zeb, story.words
    ledger = own.data.with_name("data-erasures")
    before = {word for _, word in await search(own, ledger, words)}
    assert {SAID[0].encode(), SAID[1].encode(), EMAIL.encode(), TITLE.encode()} <= before
    await check_export(zeb, words)
    pictures = own.data / "blobs" / "people"
    assert len(list(pictures.rglob("*.sealed"))) == 1
    own.stop()
    copy = Copy.of(own)
    own.start()

    async with zeb.socket() as socket:
        erased = await zeb.http.post("/auth/me/erasure", json={"email": EMAIL})
        assert erased.status_code == 204, erased.text
        await socket.until(lambda _: socket._reader.done())
    assert (await zeb.http.get("/auth/me")).status_code == 401

    async def gone() -> bool:
        return not await search(own, ledger, words)

    try:
        await until(gone)
    except TimeoutError:
        assert await search(own, ledger, words) == set()
    await check_the_others_went_on(own.url, story.shared)
    own.stop()
    assert await search(own, ledger, words) == set()
    assert zeb.me["person"]["id"] in {path.stem for path in ledger.iterdir()}

    assert list(pictures.rglob("*.sealed")) == []
    copy.put_back(own)
    assert {word for _, word in await search(own, ledger, words)} >= {SAID[0].encode(), EMAIL.encode()}
    own.start()
    assert await search(own, ledger, words) == set()
    await check_the_others_went_on(own.url, story.shared)
    own.stop()
    assert await search(own, ledger, words) == set()


def exports_of(server: RunningServer, folder: Path) -> list[Path]:
    """Export every log of an installation, and verify each."""

    def audit(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return outcry(server.data, "audit", *arguments, **server.environment)

    folder.mkdir()
    tenants = re.findall(r"([0-9a-f-]{36}) \(", audit("export", str(folder / "all.zip")).stderr)
    assert len(tenants) >= 2
    for tenant in tenants:
        made = audit("export", str(folder / f"{tenant}.zip"), "--tenant", tenant)
        assert made.returncode == 0, made.stderr
        assert verify_export(folder / f"{tenant}.zip").findings == ()
    return sorted(folder.iterdir())


def members_with(exports: list[Path], words: list[bytes]) -> set[tuple[str, bytes]]:
    """Return which files of exports hold which words."""
    found = set()
    for path in exports:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                content = archive.read(name)
                found |= {(name, word) for word in words if any(form in content for form in forms_of(word))}
    return found


async def test_words_stand_in_the_audit_log_under_a_key_alone(own: RunningServer, story: Story, tmp_path: Path) -> None:
    ledger = own.data.with_name("data-erasures")

    async def in_the_log() -> list[str]:
        found = await search(own, ledger, story.words)
        return [where for where, _ in found if "audit" in where.removeprefix(str(own.data.parent))]

    assert await in_the_log() == []
    before = exports_of(own, tmp_path / "before")
    held = members_with(before, story.words)
    assert {name for name, _ in held} == {"opened.jsonl"}
    assert {NAME.encode(), TITLE.encode()} <= {word for _, word in held}
    erased = await story.zeb.http.post("/auth/me/erasure", json={"email": EMAIL})
    assert erased.status_code == 204, erased.text
    await check_the_others_went_on(own.url, story.shared)
    after = exports_of(own, tmp_path / "after")
    assert members_with(after, story.words) == set()
    assert await in_the_log() == []
    # What was exported before is proved as before: not a byte of a leaf changed.
    assert {path.name for path in before} <= {path.name for path in after}
    for path in before:
        with zipfile.ZipFile(tmp_path / "after" / path.name) as now, zipfile.ZipFile(path) as then:
            assert now.read("entries.jsonl").startswith(then.read("entries.jsonl"))


async def test_nobody_is_erased_who_typed_another_address(own: RunningServer) -> None:
    person = await Client(own.url).sign_up("Ann")
    for body in ({"email": "bob@example.com"}, {}, {"email": "x", "more": 1}, {"email": "x" * 2_000}):
        answer = await person.http.post("/auth/me/erasure", json=body)
        assert answer.status_code == 422
    assert not own.data.with_name("data-erasures").exists()
    assert isinstance(await person.call("GET", "/auth/me"), dict)
    await person.close()
