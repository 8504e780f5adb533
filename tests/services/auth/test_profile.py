"""What people say of themselves, and who sees it."""

import io
import struct
import zlib
from uuid import UUID

import httpx
import pytest
from PIL import Image
from sqlalchemy import insert

from outcry.kit.ids import new_id
from outcry.services.auth.models.people import MembershipRow
from outcry.services.auth.pictures import MOST_BYTES
from tests.services.auth import team
from tests.services.auth.conftest import Browser, Desk, words_of
from tests.services.auth.test_recovery import bearer


async def sign_up(desk: Desk, email: str = "ann@example.com", name: str = "Ann Lee") -> tuple[Browser, dict[str, str]]:
    browser = desk.browser()
    response = await browser.register(email=email, name=name)
    return browser, bearer(response.json()["access_token"])


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 400), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 90)).save(out, format=kind, **options)
    return out.getvalue()


async def put(browser: Browser, headers: dict[str, str], data: bytes) -> httpx.Response:
    return await browser.http.put("/me/picture", content=data, headers={**headers, "content-type": "image/png"})


async def test_a_profile_is_changed_and_told(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    body = {"name": " Ann  Leigh ", "time_zone": "Europe/Berlin", "locale": "ZH-hant-tw"}
    me = (await browser.http.patch("/me", json=body, headers=headers)).json()
    assert (me["person"]["name"], me["time_zone"], me["locale"]) == ("Ann Leigh", "Europe/Berlin", "zh-Hant-TW")
    (told,) = await desk.events("auth.person_changed.v1")
    assert told.data["fields"] == ["name", "time_zone", "locale"]
    assert "Leigh" not in str(told.data)
    assert str(told.tenant_id) == me["organisation"]["id"]


async def test_what_is_left_out_stays(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    before = (await browser.http.get("/me", headers=headers)).json()
    assert (await browser.http.patch("/me", json={}, headers=headers)).json() == before
    assert await desk.events("auth.person_changed.v1") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", ""),
        ("locale", "english"),
        ("locale", "en_US"),
        ("locale", "en-"),
        ("locale", "e\u0301n"),
        ("name", ""),
        ("name", "x" * 81),
        ("name", 5),
        ("email", "x@example.com"),
        ("role", "owner"),
    ],
)
async def test_what_cannot_be_used_changes_nothing(desk: Desk, field: str, value: object) -> None:
    browser, headers = await sign_up(desk)
    before = (await browser.http.get("/me", headers=headers)).json()
    body = {"name": "Mallory", "locale": "de", field: value}
    response = await browser.http.patch("/me", json=body, headers=headers)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert (await browser.http.get("/me", headers=headers)).json() == before


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_is_drawn_anew_and_sealed(desk: Desk, kind: str) -> None:
    browser, headers = await sign_up(desk)
    me = (await put(browser, headers, picture(kind))).json()
    response = await browser.http.get(f"/people/{me['person']['id']}/picture", headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    assert response.headers["cache-control"].startswith("private")
    with Image.open(io.BytesIO(response.content)) as image:
        assert (image.format, image.size) == ("PNG", (256, 256))
    stored = [blob.key async for blob in desk.blobs.list_prefix(f"people/{me['person']['id']}")]
    assert len(stored) == 1
    assert b"PNG" not in await desk.blobs.get(stored[0])
    same = {**headers, "if-none-match": response.headers["etag"]}
    again = await browser.http.get(f"/people/{me['person']['id']}/picture", headers=same)
    assert (again.status_code, again.content) == (304, b"")


async def test_a_newer_picture_replaces_the_older_and_both_can_go(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    first = (await put(browser, headers, picture())).json()
    second = (await put(browser, headers, picture("JPEG"))).json()
    assert first["picture"] != second["picture"]
    folder = f"people/{first['person']['id']}"
    assert len([blob async for blob in desk.blobs.list_prefix(folder)]) == 1
    removed = await browser.http.delete("/me/picture", headers=headers)
    assert removed.json()["picture"] is None
    assert [blob async for blob in desk.blobs.list_prefix(folder)] == []
    assert (await browser.http.get(f"/people/{first['person']['id']}/picture", headers=headers)).status_code == 404
    assert (await browser.http.delete("/me/picture", headers=headers)).status_code == 200


async def test_nothing_of_the_file_is_kept(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    me = (await put(browser, headers, picture("JPEG", exif=exif, comment=b"<script>"))).json()
    shown = (await browser.http.get(f"/people/{me['person']['id']}/picture", headers=headers)).content
    assert b"SECRET-PLACE" not in shown
    assert b"<script>" not in shown


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is a large one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 900)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n",
        picture()[:200],
        picture("GIF"),
        picture("TIFF"),
        picture("BMP"),
        bomb(60_000, 60_000),
        bomb(2**31 - 1, 1),
        bomb(1, 2**31 - 1),
        bomb(0, 0),
        b"\xff\xd8\xff" * 1_000,
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 100,
    ],
    ids=range(14),
)
async def test_what_is_no_picture_is_refused_and_nothing_is_stored(desk: Desk, data: bytes) -> None:
    browser, headers = await sign_up(desk)
    response = await put(browser, headers, data)
    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["field"] == "picture"
    assert (await browser.http.get("/me", headers=headers)).json()["picture"] is None
    assert [blob async for blob in desk.blobs.list_prefix("people")] == []


async def test_a_large_file_is_refused(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    response = await put(browser, headers, b"\0" * (MOST_BYTES + 1))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_a_picture_is_for_colleagues_only(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    me = (await put(browser, headers, picture())).json()
    eve, hers = await sign_up(desk, "eve@example.com", "Eve")
    path = f"/people/{me['person']['id']}/picture"
    assert (await eve.http.get(path)).status_code == 401
    real, unknown = (
        await eve.http.get(path, headers=hers),
        await eve.http.get(f"/people/{new_id()}/picture", headers=hers),
    )
    assert real.status_code == 404
    assert {**words_of(real), "instance": ""} == {**words_of(unknown), "instance": ""}
    tenant = UUID((await eve.http.get("/me", headers=hers)).json()["organisation"]["id"])
    seat = {"person_id": UUID(me["person"]["id"]), "organisation_id": tenant, "role": "member"}
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(insert(MembershipRow).values(**seat, joined_at=desk.clock.now()))
    assert (await eve.http.get(path, headers=hers)).status_code == 200


async def test_a_guest_sees_the_pictures_whose_version_their_room_shows(desk: Desk) -> None:
    ann = await team.sign_up(desk, "Ann")
    gus = await team.join(ann, "Gus", "guest", room_id=str(new_id()))
    kind = {"authorization": f"Bearer {ann.token}", "content-type": "image/png"}
    version = (await ann.browser.http.put("/me/picture", content=picture(), headers=kind)).json()["picture"]
    path = f"/people/{ann.id}/picture"
    assert (await gus.ask("GET", path, params={"version": version})).status_code == 200
    refused = [
        await gus.ask("GET", path),
        await gus.ask("GET", path, params={"version": new_id().hex}),
        await gus.browser.http.get(path, headers={"authorization": f"Bearer {gus.token}", "if-none-match": version}),
    ]
    assert [answer.status_code for answer in refused] == [404, 404, 404]
    # A version opens nothing to another organisation, and members need none.
    eve = await team.sign_up(desk, "Eve")
    assert (await eve.ask("GET", path, params={"version": version})).status_code == 404
    ben = await team.join(ann, "Ben")
    assert (await ben.ask("GET", path)).status_code == 200
    (shown,) = [each for each in (await ben.get("/organisation/members"))["items"] if each["person"]["id"] == ann.id]
    assert shown["person"]["picture"] == version
    assert (await gus.ask("PUT", "/me/picture", content=picture())).status_code == 200
    assert (await gus.ask("GET", f"/people/{gus.id}/picture")).status_code == 200
