"""The keys that sign: sealed in the database, shared by processes, told to the world by their public part."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from sqlalchemy import func, select, update

from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.errors import UnavailableError
from outcry.ports.secrets import Secrets
from outcry.services.auth.models.access import SigningKeyRow
from outcry.services.auth.signing_keys import SigningKeys
from outcry.services.auth.vault import MASTER_KEY, Vault
from tests.services.auth.conftest import Desk


def signing_keys(desk: Desk, secrets: Secrets | None = None) -> SigningKeys:
    return SigningKeys(desk.database, Vault(secrets or desk.secrets, desk.clock), desk.clock, desk.settings)


async def _row(desk: Desk) -> SigningKeyRow:
    async with desk.database.reading() as session:
        return (await session.scalars(select(SigningKeyRow))).one()


async def test_the_private_part_is_nowhere_in_the_table(desk: Desk) -> None:
    _, key = await signing_keys(desk).current()
    row = await _row(desk)
    private = str(key.as_dict(private=True)["d"])
    assert "d" not in row.public_jwk
    assert private not in str(row.public_jwk)
    assert private.encode() not in row.sealed_private_jwk
    assert row.public_jwk["x"] == key.as_dict()["x"]


async def test_processes_share_the_key(desk: Desk) -> None:
    keys = [signing_keys(desk) for _ in range(4)]
    found = await asyncio.gather(*(key.current() for key in keys))
    assert len({kid for kid, _ in found}) == 1
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SigningKeyRow)) == 1


async def test_a_key_that_another_process_made_is_found(desk: Desk) -> None:
    response = await desk.browser().register()
    other = await desk.open_again()
    assert await other.authenticate(response) == await desk.authenticate(response)


async def test_another_master_key_stops_the_start(desk: Desk) -> None:
    elsewhere = FilesSecrets(desk.secrets._folder.parent / "elsewhere", environment={})
    with pytest.raises(UnavailableError, match="sealed with another auth-master"):
        await signing_keys(desk, elsewhere).current()
    short = FilesSecrets(desk.secrets._folder.parent, environment={"OUTCRY_SECRET_AUTH_MASTER": "c2hvcnQ="})
    with pytest.raises(UnavailableError, match="must have 32 bytes; it has 5"):
        await signing_keys(desk, short).current()
    assert len(await desk.secrets.get_or_create(MASTER_KEY, size=1)) == 32


async def test_a_retired_key_signs_nothing_new(desk: Desk) -> None:
    before = await _row(desk)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(SigningKeyRow).values(retired_at=desk.clock.now()))
    keys = signing_keys(desk)
    kid, _ = await keys.current()
    assert kid != before.kid
    assert await keys.find(before.kid) is None


async def test_after_a_rotation_both_keys_are_valid_until_the_old_tokens_have_ended(desk: Desk) -> None:
    browser = desk.browser()
    old = await browser.register()
    before = await _row(desk)
    kid = await signing_keys(desk).rotate()
    new = await browser.refresh()
    desk.clock.advance(timedelta(seconds=31))  # by then every process has looked for a newer key
    newest = await browser.refresh()
    for response in (old, new, newest):
        await desk.authenticate(response)
    assert jws.extract_compact(newest.json()["access_token"].encode()).protected["kid"] == kid != before.kid
    shown = (await desk.browser().http.get("/jwks")).json()["keys"]
    assert {key["kid"] for key in shown} == {before.kid, kid}
    desk.clock.advance(timedelta(minutes=2 * desk.settings.access_minutes))
    shown = (await desk.browser().http.get("/jwks")).json()["keys"]
    assert [key["kid"] for key in shown] == [kid]


async def test_the_public_keys_verify_tokens_elsewhere(desk: Desk) -> None:
    token = (await desk.browser().register()).json()["access_token"]
    response: httpx.Response = await desk.browser().http.get("/jwks")
    assert response.status_code == 200
    (key,) = response.json()["keys"]
    assert {name: key[name] for name in ("kty", "crv", "use", "alg")} == {
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "alg": "EdDSA",
    }
    assert "d" not in key
    with pytest.warns(SecurityWarning, match="EdDSA"):
        decoded = jwt.decode(token, KeySet.import_key_set(response.json()), algorithms=["EdDSA"])
    assert decoded.header["kid"] == key["kid"]
