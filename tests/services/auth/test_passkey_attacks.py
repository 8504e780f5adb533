"""What is done to passkeys: every answer that is not one to our question is refused, with a stable code."""

from datetime import timedelta
from typing import Any

import cbor2
import httpx
import pytest

from outcry.services.auth.throttle import MOST_CHALLENGES
from tests.adapters_support.authenticator import Authenticator, Wrong, decode, encode
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.factors import Signed, ask, said, sign_in_by, sign_up

WRONG_PAGES = [
    Wrong(origin="http://desk.example.evil.example"),
    Wrong(origin="https://desk.example"),
    Wrong(origin="http://desk.example:8000"),
    Wrong(origin="null"),
    Wrong(rp_id="evil.example"),
    Wrong(rp_id="example"),
    Wrong(challenge=b"x" * 64),
    Wrong(challenge=b""),
    Wrong(present=False),
    Wrong(verified=False),
    Wrong(cross_origin=True),
]


async def with_passkey(desk: Desk, email: str = "ann@example.com", **how: Any) -> tuple[Signed, Authenticator]:
    signed, device = await sign_up(desk, email), Authenticator(**how)
    assert (await signed.add_passkey(device)).status_code == 201
    return signed, device


async def post(browser: Browser, ticket: str, credential: Any) -> httpx.Response:
    return await browser.http.post("/sign-in/passkey", json={"ticket": ticket, "credential": credential})


@pytest.mark.parametrize("wrong", [*WRONG_PAGES, Wrong(kind="webauthn.get"), Wrong(format="magic")], ids=repr)
async def test_a_wrong_new_passkey_is_refused(desk: Desk, wrong: Wrong) -> None:
    ann = await sign_up(desk)
    refused = await ann.add_passkey(Authenticator(), wrong=wrong)
    assert said(refused) == (422, "passkey_refused")
    assert (await ann.call("GET", "/factors")).json()["passkeys"] == []
    assert await desk.events("auth.credential_changed.v1") == []


@pytest.mark.parametrize(
    "wrong",
    [
        *WRONG_PAGES,
        Wrong(kind="webauthn.create"),
        Wrong(signature=b"x" * 70),
        Wrong(signature=b"\x30\x06\x02\x01\x00\x02\x01\x00"),
        Wrong(handle=b"x" * 32),
        Wrong(no_handle=True),
        Wrong(credential_id=b"x" * 32),
    ],
    ids=repr,
)
async def test_a_wrong_use_is_refused(desk: Desk, wrong: Wrong) -> None:
    _, device = await with_passkey(desk)
    browser = desk.browser(address="198.51.100.4")
    assert said(await sign_in_by(browser, device, wrong)) == (403, "wrong_factor")
    assert "outcry_refresh" not in browser.http.cookies
    (told,) = await desk.events("auth.sign_in_failed.v1")
    assert told.address == "198.51.100.4"
    assert (await sign_in_by(browser, device)).status_code == 200


async def test_a_challenge_is_used_once_whether_it_was_right_or_not(desk: Desk) -> None:
    _, device = await with_passkey(desk)
    browser = desk.browser()
    asked = await ask(browser)
    credential = device.use(asked["options"])
    assert (await post(browser, asked["ticket"], credential)).status_code == 200
    assert said(await post(browser, asked["ticket"], credential)) == (410, "ticket_ended")
    other = await ask(browser)
    assert said(await post(browser, other["ticket"], credential)) == (403, "wrong_factor")
    assert said(await post(browser, other["ticket"], device.use(other["options"]))) == (410, "ticket_ended")


async def test_a_challenge_ends_after_five_minutes(desk: Desk) -> None:
    ann, device = await with_passkey(desk)
    browser = desk.browser()
    asked = await ask(browser)
    new = await ann.ask_passkey()
    desk.clock.advance(timedelta(minutes=5))
    assert said(await post(browser, asked["ticket"], device.use(asked["options"]))) == (410, "ticket_ended")
    ann.token = (await sign_in_by(desk.browser(), device)).json()["access_token"]
    made = Authenticator().make(new["options"])
    late = await ann.call("POST", "/factors/passkeys", ticket=new["ticket"], credential=made, name="Late")
    assert said(late) == (410, "ticket_ended")


async def test_a_challenge_is_for_one_use_and_one_person(desk: Desk) -> None:
    ann, device = await with_passkey(desk)
    eve, eves = await with_passkey(desk, "eve@example.com")
    browser = desk.browser()
    waiting = (await browser.sign_in()).json()["ticket"]
    second = await ask(browser, waiting)
    # What was asked as a second factor, where nobody need be verified, is none for signing in alone.
    answer = device.use(second["options"], Wrong(verified=False))
    assert said(await post(browser, second["ticket"], answer)) == (410, "ticket_ended")
    up = (await ann.call("POST", "/step-up/passkey/options")).json()
    assert said(await post(browser, up["ticket"], device.use(up["options"]))) == (410, "ticket_ended")
    # Nor is it one for stepping up, for the same person.
    second = await ask(browser, waiting)
    answer = device.use(second["options"])
    body = {"ticket": second["ticket"], "credential": answer}
    assert said(await ann.call("POST", "/step-up", kind="passkey", **body)) == (410, "ticket_ended")
    # Another person's challenge, and another person's passkey, are none of Ann's.
    hers = (await eve.call("POST", "/step-up/passkey/options")).json()
    for challenge in (hers, await ask(browser)):
        stolen = await ann.call(
            "POST", "/step-up", kind="passkey", ticket=challenge["ticket"], credential=device.use(up["options"])
        )
        assert said(stolen) == (410, "ticket_ended")
    for holder, status in ((eves, 403), (device, 200)):
        second = await ask(browser, waiting)
        body = {
            "ticket": waiting,
            "kind": "passkey",
            "passkey_ticket": second["ticket"],
            "credential": holder.use({**second["options"], "allowCredentials": []}),
        }
        assert (await browser.http.post("/sign-in/factor", json=body)).status_code == status


async def test_the_challenge_of_a_new_passkey_is_the_persons_who_asked(desk: Desk) -> None:
    ann, eve = await sign_up(desk), await sign_up(desk, "eve@example.com")
    asked = await ann.ask_passkey()
    made = Authenticator().make(asked["options"])
    stolen = await eve.call("POST", "/factors/passkeys", ticket=asked["ticket"], credential=made, name="Mine")
    assert said(stolen) == (410, "ticket_ended")


async def test_nobody_adds_a_passkey_that_is_anothers(desk: Desk) -> None:
    ann, device = await with_passkey(desk)
    eve = await sign_up(desk, "eve@example.com")
    copied = Wrong(credential_id=device.held[0].id)
    assert said(await eve.add_passkey(Authenticator(), wrong=copied)) == (422, "passkey_refused")
    assert (await sign_in_by(desk.browser(), device)).status_code == 200
    assert (await ann.call("GET", "/factors")).json()["passkeys"][0]["name"] == "Phone"


async def test_the_right_handle_with_another_persons_passkey_is_refused(desk: Desk) -> None:
    _, device = await with_passkey(desk)
    _, eves = await with_passkey(desk, "eve@example.com")
    wrong = Wrong(handle=device.held[0].handle)
    assert said(await sign_in_by(desk.browser(), eves, wrong)) == (403, "wrong_factor")


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_a_count_that_goes_back_is_refused_and_told(desk: Desk, count: int) -> None:
    ann, device = await with_passkey(desk)
    for _ in range(2):
        assert (await sign_in_by(desk.browser(), device)).status_code == 200
    copy = desk.browser(address="198.51.100.66")
    assert said(await sign_in_by(copy, device, Wrong(count=count))) == (403, "wrong_factor")
    (told,) = await desk.events("auth.passkey_cloned.v1")
    principal = await desk.facade.authenticate(access_token=ann.token)
    (passkey,) = (await ann.call("GET", "/factors")).json()["passkeys"]
    assert told.data == {
        "person_id": str(principal.user_id),
        "passkey_id": passkey["id"],
    }
    assert told.address == "198.51.100.66"
    assert told.tenant_id == principal.tenant_id


async def test_a_count_is_believed_only_with_its_signature(desk: Desk) -> None:
    _, device = await with_passkey(desk)
    assert (await sign_in_by(desk.browser(), device)).status_code == 200
    forged = Wrong(count=0, signature=b"x" * 70)
    assert said(await sign_in_by(desk.browser(), device, forged)) == (403, "wrong_factor")
    far = Wrong(count=2**32 - 1, signature=b"x" * 70)
    assert said(await sign_in_by(desk.browser(), device, far)) == (403, "wrong_factor")
    assert await desk.events("auth.passkey_cloned.v1") == []
    assert (await sign_in_by(desk.browser(), device)).status_code == 200


async def test_a_device_that_does_not_count_works_on(desk: Desk) -> None:
    _, device = await with_passkey(desk, counts=False)
    for _ in range(3):
        assert (await sign_in_by(desk.browser(), device)).status_code == 200


def _nested(depth: int) -> bytes:
    return b"\x81" * depth + b"\x00"


@pytest.mark.parametrize(
    "key",
    [
        b"\x00",
        b"\xff",
        b"\xa0",
        cbor2.dumps({1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32}),
        cbor2.dumps({1: 2, 3: -7, -1: 1, -2: b"\x01" * 5_000, -3: b"\x02"}),
        cbor2.dumps({1: 2, 3: -7, -1: 99, -2: b"\x01" * 32, -3: b"\x02" * 32}),
        cbor2.dumps({1: 3, 3: -257, -1: b"\x01", -2: b"\x03"}),
        cbor2.dumps({1: 3, 3: -65535, -1: b"\xff" * 256, -2: b"\x01\x00\x01"}),
        cbor2.dumps({1: 1, 3: -8, -1: 6, -2: b"short"}),
        cbor2.dumps({1: [], 3: {}, -1: None}),
        cbor2.dumps({1: "2", 3: "none"}),
        _nested(5_000),
    ],
    ids=lambda key: key[:12].hex(),
)
async def test_a_key_that_is_none_is_refused_when_it_is_added(desk: Desk, key: bytes) -> None:
    ann = await sign_up(desk)
    assert said(await ann.add_passkey(Authenticator(), wrong=Wrong(public_key=key))) == (422, "passkey_refused")


@pytest.mark.parametrize(
    "attestation",
    [
        b"",
        b"\x00",
        b"\xff" * 100,
        b"{}",
        _nested(9_000),
        cbor2.dumps({}),
        cbor2.dumps([]),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b""}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"x" * 37}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"x" * 32 + b"\xff" * 100}),
        cbor2.dumps({"fmt": "none", "attStmt": [], "authData": 1}),
        cbor2.dumps({"fmt": ["none"], "attStmt": None, "authData": None}),
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xc1" * 2_000 + b"\x00",
    ],
    ids=lambda value: value[:12].hex(),
)
async def test_cbor_that_is_none_is_refused(desk: Desk, attestation: bytes) -> None:
    ann = await sign_up(desk)
    asked = await ann.ask_passkey()
    credential = Authenticator().make(asked["options"])
    credential["response"]["attestationObject"] = encode(attestation)
    refused = await ann.call("POST", "/factors/passkeys", ticket=asked["ticket"], credential=credential, name="Key")
    assert said(refused) == (422, "passkey_refused")


@pytest.mark.parametrize(
    "client_data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{}",
        b'{"type":"webauthn.get"}',
        b'{"type":"webauthn.get","challenge":1,"origin":"http://desk.example"}',
        b'{"type":"webauthn.get","challenge":"","origin":{}}',
        b'{"a":' * 1_000,
        b"[" * 5_000,
        b"\xff\xfe",
        "{}".encode("utf-16"),
    ],
    ids=lambda value: repr(value[:24]),
)
async def test_json_that_is_none_is_refused(desk: Desk, client_data: bytes) -> None:
    _, device = await with_passkey(desk)
    browser = desk.browser()
    asked = await ask(browser)
    credential = device.use(asked["options"])
    credential["response"]["clientDataJSON"] = encode(client_data)
    assert said(await post(browser, asked["ticket"], credential)) == (403, "wrong_factor")


@pytest.mark.parametrize("data", [b"", b"x", b"x" * 36, b"x" * 37, b"\xff" * 500], ids=len)
async def test_authenticator_data_that_is_none_is_refused(desk: Desk, data: bytes) -> None:
    _, device = await with_passkey(desk)
    browser = desk.browser()
    asked = await ask(browser)
    credential = device.use(asked["options"])
    credential["response"]["authenticatorData"] = encode(data)
    assert said(await post(browser, asked["ticket"], credential)) == (403, "wrong_factor")


def _put(credential: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        credential = credential[name]
    credential[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "x" * 1_401),
        ("id", ""),
        ("rawId", 7),
        ("type", "password"),
        ("response", None),
        ("response", []),
        ("response.clientDataJSON", "x" * 8_001),
        ("response.clientDataJSON", None),
        ("response.authenticatorData", "x" * 8_001),
        ("response.signature", "x" * 4_001),
        ("response.signature", {"a": 1}),
        ("response.userHandle", "x" * 201),
        ("response.userHandle", 5),
    ],
)
async def test_fields_that_are_none_are_refused_by_name(desk: Desk, path: str, value: Any) -> None:
    _, device = await with_passkey(desk)
    browser = desk.browser()
    asked = await ask(browser)
    credential = device.use(asked["options"])
    _put(credential, path, value)
    refused = await post(browser, asked["ticket"], credential)
    assert said(refused) == (422, "invalid_input")
    assert path.rpartition(".")[2] in str(refused.json()["errors"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "!!!"),
        ("rawId", "!!!"),
        ("rawId", "é" * 40),
        ("rawId", "A"),
        ("response.clientDataJSON", "é"),
        ("response.authenticatorData", "=" * 100),
        ("response.signature", "A"),
        ("response.userHandle", "A"),
        ("response.userHandle", ""),
        ("response.userHandle", "é"),
    ],
)
async def test_text_that_is_no_base64_is_refused(desk: Desk, path: str, value: str) -> None:
    _, device = await with_passkey(desk)
    browser = desk.browser()
    asked = await ask(browser)
    credential = device.use(asked["options"])
    _put(credential, path, value)
    assert said(await post(browser, asked["ticket"], credential)) == (403, "wrong_factor")


async def test_challenges_are_not_given_out_for_ever(desk: Desk) -> None:
    browser = desk.browser()
    for _ in range(MOST_CHALLENGES):
        await ask(browser)
    refused = await browser.http.post("/sign-in/passkey/options", json={})
    assert said(refused) == (429, "rate_limited")
    desk.clock.advance(timedelta(minutes=5))
    await ask(browser)


async def test_wrong_passkeys_are_slowed_by_address_and_lock_nobody_out(desk: Desk) -> None:
    _, device = await with_passkey(desk)
    stranger = desk.browser(address="198.51.100.66")
    bad = Wrong(signature=b"x" * 70)
    answers = [said(await sign_in_by(stranger, device, bad)) for _ in range(desk.settings.failures_per_address + 1)]
    assert answers[-2:] == [(403, "wrong_factor"), (429, "rate_limited")]
    assert (await sign_in_by(desk.browser(), device)).status_code == 200


@pytest.mark.parametrize("name", ["", " \t", "x" * 81, "\u2028"])
async def test_a_name_is_one_line(desk: Desk, name: str) -> None:
    ann = await sign_up(desk)
    refused = await ann.add_passkey(Authenticator(), name)
    assert said(refused) == (422, "invalid_input")
    assert "name" in str(refused.json()["errors"])


def test_the_authenticator_reads_what_it_writes() -> None:
    assert decode(encode(b"\x00\xff" * 9)) == b"\x00\xff" * 9
