"""Passkeys: added, named, used alone and as a second factor, removed."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from outcry.services.auth.commands.passkeys import MOST_PASSKEYS
from outcry.services.auth.models.factors import CredentialRow, PasskeyRow
from outcry.services.auth.models.people import PersonRow
from tests.adapters_support.authenticator import Algorithm, Authenticator, Wrong, decode
from tests.services.auth.conftest import PASSWORD, Desk, words_of
from tests.services.auth.factors import Signed, ask, begin_sign_in, said, sign_in_by, sign_up


async def without_password(desk: Desk, signed: Signed) -> None:
    """Take somebody's password away."""
    person = (await desk.facade.authenticate(access_token=signed.token)).user_id
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(delete(CredentialRow).where(CredentialRow.person_id == person))


async def test_the_options_ask_for_a_passkey_that_is_found_and_verified(desk: Desk) -> None:
    ann = await sign_up(desk)
    options = (await ann.ask_passkey())["options"]
    assert options["rp"] == {"id": "desk.example", "name": "Outcry"}
    assert options["user"]["name"] == "ann@example.com"
    assert options["user"]["displayName"] == "Ann Lee"
    assert len(decode(options["user"]["id"])) == 32
    assert len(decode(options["challenge"])) == 64
    assert {each["alg"] for each in options["pubKeyCredParams"]} == {-8, -7, -257}
    selection = options["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert options["attestation"] == "none"
    person = (await desk.facade.authenticate(access_token=ann.token)).user_id
    assert decode(options["user"]["id"]) != person.bytes


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
async def test_a_passkey_is_added_and_signs_in_alone(desk: Desk, algorithm: Algorithm) -> None:
    ann = await sign_up(desk)
    device = Authenticator(algorithm=algorithm)
    added = await ann.add_passkey(device)
    assert added.status_code == 201
    assert added.headers["cache-control"] == "no-store"
    assert len(added.json()["codes"]) == 10
    desk.clock.advance(timedelta(seconds=1))
    browser = desk.browser(address="198.51.100.4")
    response = await sign_in_by(browser, device)
    assert response.status_code == 200
    principal = await desk.authenticate(response)
    assert (principal.user_id, principal.fresh) == (
        (await desk.facade.authenticate(access_token=ann.token)).user_id,
        True,
    )
    assert (await browser.refresh()).status_code == 200
    (passkey,) = (await ann.call("GET", "/factors")).json()["passkeys"]
    assert (passkey["name"], passkey["backed_up"]) == ("Phone", False)
    assert passkey["last_used_at"] > passkey["created_at"]
    *_, told = await desk.events("auth.signed_in.v1")
    assert told.data["methods"] == ["hwk", "user", "mfa"]
    (mail,) = await desk.deliver()
    assert mail.subject == "A passkey was added to your account"


async def test_what_is_stored_is_what_the_device_said(desk: Desk) -> None:
    ann = await sign_up(desk)
    device = Authenticator(backed_up=True)
    await ann.add_passkey(device)
    async with desk.database.reading() as session:
        row = (await session.scalars(select(PasskeyRow))).one()
    assert (row.credential_id, row.transports, row.backed_up) == (device.held[0].id, ["internal", "hybrid"], True)
    await sign_in_by(desk.browser(), device)
    *_, told = await desk.events("auth.signed_in.v1")
    assert told.data["methods"] == ["swk", "user", "mfa"]


async def test_a_passkey_is_a_second_factor_to_the_password(desk: Desk) -> None:
    ann = await sign_up(desk)
    device = Authenticator()
    await ann.add_passkey(device)
    browser = desk.browser()
    asked = (await browser.sign_in()).json()
    assert asked["factors"] == ["passkey", "recovery_code"]
    challenge = await ask(browser, asked["ticket"])
    assert [decode(each["id"]) for each in challenge["options"]["allowCredentials"]] == [device.held[0].id]
    # After a password, to have the key is enough.
    credential = device.use(challenge["options"], Wrong(verified=False, no_handle=True))
    body = {
        "ticket": asked["ticket"],
        "kind": "passkey",
        "passkey_ticket": challenge["ticket"],
        "credential": credential,
        "remember": True,
    }
    response = await browser.http.post("/sign-in/factor", json=body)
    assert response.status_code == 200
    assert "outcry_device" in browser.http.cookies
    *_, told = await desk.events("auth.signed_in.v1")
    assert told.data["methods"] == ["pwd", "hwk", "mfa"]


async def test_signing_in_alone_tells_nobody_which_passkeys_there_are(desk: Desk) -> None:
    ann = await sign_up(desk)
    await ann.add_passkey(Authenticator())
    options = (await ask(desk.browser()))["options"]
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "desk.example"


async def test_who_has_no_passkey_is_asked_for_none(desk: Desk) -> None:
    ann = await sign_up(desk)
    await ann.add_totp()
    browser = desk.browser()
    ticket = await begin_sign_in(browser)
    response = await browser.http.post("/sign-in/passkey/options", json={"ticket": ticket})
    assert said(response) == (409, "factor_not_on")
    assert said(await ann.call("POST", "/step-up/passkey/options")) == (409, "factor_not_on")
    response = await browser.http.post("/sign-in/passkey/options", json={"ticket": "nothing"})
    assert said(response) == (410, "ticket_ended")


async def test_a_passkey_steps_up(desk: Desk) -> None:
    ann = await sign_up(desk)
    device = Authenticator()
    await ann.add_passkey(device)
    desk.clock.advance(timedelta(minutes=5))
    assert said(await ann.call("POST", "/factors/passkeys/options")) == (403, "step_up_required")
    asked = (await ann.call("POST", "/step-up/passkey/options")).json()
    assert asked["options"]["userVerification"] == "required"
    unverified = device.use(asked["options"], Wrong(verified=False))
    refused = await ann.call("POST", "/step-up", kind="passkey", ticket=asked["ticket"], credential=unverified)
    assert said(refused) == (403, "wrong_factor")
    asked = (await ann.call("POST", "/step-up/passkey/options")).json()
    credential = device.use(asked["options"])
    done = await ann.call("POST", "/step-up", kind="passkey", ticket=asked["ticket"], credential=credential)
    assert done.status_code == 200
    await ann.ask_passkey()


async def test_several_are_listed_named_and_removed(desk: Desk) -> None:
    ann = await sign_up(desk)
    devices = [Authenticator(), Authenticator()]
    first = (await ann.add_passkey(devices[0], "  Phone\t ")).json()
    desk.clock.advance(timedelta(seconds=1))
    second = (await ann.add_passkey(devices[1], "Key")).json()
    assert (len(first["codes"]), second["codes"]) == (10, [])
    renamed = await ann.call("PATCH", f"/factors/passkeys/{second['id']}", name="Blue key")
    assert renamed.json()["name"] == "Blue key"
    names = [each["name"] for each in (await ann.call("GET", "/factors")).json()["passkeys"]]
    assert names == ["Phone", "Blue key"]
    assert (await ann.call("DELETE", f"/factors/passkeys/{first['id']}")).status_code == 204
    assert said(await sign_in_by(desk.browser(), devices[0])) == (403, "wrong_factor")
    assert (await sign_in_by(desk.browser(), devices[1])).status_code == 200
    again = await ann.call("DELETE", f"/factors/passkeys/{first['id']}")
    assert said(again) == (404, "passkey_not_found")
    assert [mail.subject for mail in await desk.deliver()][-1] == "A passkey was removed from your account"


async def test_another_persons_passkeys_are_not_there(desk: Desk) -> None:
    ann, eve = await sign_up(desk), await sign_up(desk, "eve@example.com")
    added = (await ann.add_passkey(Authenticator())).json()
    assert said(await eve.call("DELETE", f"/factors/passkeys/{added['id']}")) == (404, "passkey_not_found")
    assert said(await eve.call("PATCH", f"/factors/passkeys/{added['id']}", name="Mine")) == (404, "passkey_not_found")
    assert (await eve.call("GET", "/factors")).json()["passkeys"] == []


async def test_a_device_that_has_one_is_not_asked_for_another(desk: Desk) -> None:
    ann = await sign_up(desk)
    device = Authenticator()
    await ann.add_passkey(device)
    excluded = (await ann.ask_passkey())["options"]["excludeCredentials"]
    assert [decode(each["id"]) for each in excluded] == [device.held[0].id]
    assert excluded[0]["transports"] == ["internal", "hybrid"]


async def test_there_are_so_many_and_no_more(desk: Desk) -> None:
    ann = await sign_up(desk)
    person = (await desk.facade.authenticate(access_token=ann.token)).user_id
    first = await ann.ask_passkey()
    async with desk.database.transaction() as transaction:
        for number in range(MOST_PASSKEYS):
            transaction.session.add(
                PasskeyRow(
                    id=UUID(int=number),
                    person_id=person,
                    credential_id=bytes([number]),
                    public_key=b"",
                    sign_count=0,
                    transports=[],
                    backed_up=False,
                    name="Key",
                    created_at=desk.clock.now(),
                )
            )
    assert said(await ann.call("POST", "/factors/passkeys/options")) == (409, "too_many_passkeys")
    made = Authenticator().make(first["options"])
    late = await ann.call("POST", "/factors/passkeys", ticket=first["ticket"], credential=made, name="Key")
    assert said(late) == (409, "too_many_passkeys")


async def test_the_last_way_in_stays(desk: Desk) -> None:
    ann = await sign_up(desk)
    device = Authenticator()
    first = (await ann.add_passkey(device)).json()
    second = (await ann.add_passkey(Authenticator())).json()
    await without_password(desk, ann)
    answers = await asyncio.gather(*(ann.call("DELETE", f"/factors/passkeys/{each['id']}") for each in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert refused.json()["code"] == "last_way_in"
    assert "another way first" in refused.json()["detail"]
    assert len((await ann.call("GET", "/factors")).json()["passkeys"]) == 1


async def test_who_has_only_a_passkey_is_like_nobody_to_who_tries_passwords(desk: Desk) -> None:
    ann = await sign_up(desk)
    device = Authenticator()
    await ann.add_passkey(device)
    await without_password(desk, ann)
    known = await desk.browser().sign_in("ann@example.com", PASSWORD)
    unknown = await desk.browser().sign_in("nobody@example.com", PASSWORD)
    assert (known.status_code, words_of(known)) == (unknown.status_code, words_of(unknown))
    assert said(known) == (401, "wrong_credentials")
    assert (await ann.call("GET", "/step-up")).json()["kinds"] == ["passkey", "recovery_code"]
    assert (await sign_in_by(desk.browser(), device)).status_code == 200


async def test_removing_the_last_second_factor_ends_what_stood_in_for_it(desk: Desk) -> None:
    ann = await sign_up(desk)
    added = (await ann.add_passkey(Authenticator())).json()
    assert (await ann.call("DELETE", f"/factors/passkeys/{added['id']}")).status_code == 204
    assert (await ann.call("GET", "/factors")).json()["recovery_codes_left"] == 0
    assert (await desk.browser().sign_in()).json()["kind"] == "session"


async def test_who_was_made_by_an_older_version_gets_a_handle_that_stays(desk: Desk) -> None:
    ann = await sign_up(desk)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(PersonRow).values(handle=None))
    first, second = await ann.ask_passkey(), await ann.ask_passkey()
    assert len(decode(first["options"]["user"]["id"])) == 32
    assert first["options"]["user"]["id"] == second["options"]["user"]["id"]


async def test_nobody_disabled_gets_in(desk: Desk) -> None:
    ann = await sign_up(desk)
    device = Authenticator()
    await ann.add_passkey(device)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(PersonRow).values(disabled_at=desk.clock.now()))
    assert said(await sign_in_by(desk.browser(), device)) == (401, "wrong_credentials")
