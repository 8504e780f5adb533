"""Rotating the master key: every key above people's is wrapped anew, nothing else changes, also when interrupted."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.errors import ConflictError, UnavailableError
from outcry.services.auth.commands.rotation import KeyRotation
from outcry.services.auth.models.access import MasterKeyRow, SigningKeyRow
from outcry.services.auth.models.people import OrganisationKeyRow, PersonKeyRow
from outcry.services.auth.module import build_rotation
from outcry.services.auth.vault import Vault
from tests.services.auth.conftest import Desk


def rotation_of(desk: Desk) -> KeyRotation:
    """Return it as another process would make it."""
    secrets = FilesSecrets(desk.secrets._folder, environment={})
    return build_rotation(database=desk.database, secrets=secrets, clock=desk.clock, settings=desk.settings)


async def versions(desk: Desk) -> tuple[set[int], set[int]]:
    async with desk.database.reading() as session:
        organisations = set(await session.scalars(select(OrganisationKeyRow.master_version)))
        return organisations, set(await session.scalars(select(SigningKeyRow.master_version)))


async def person_keys(desk: Desk) -> list[bytes]:
    async with desk.database.reading() as session:
        return list(await session.scalars(select(PersonKeyRow.wrapped).order_by(PersonKeyRow.person_id)))


async def test_a_server_that_runs_meanwhile_goes_on(desk: Desk) -> None:
    ann = await desk.browser().register()
    before = await person_keys(desk)
    rotation = rotation_of(desk)
    desk.clock.advance(timedelta(minutes=1))
    step = await rotation.plan()
    assert (step.version, step.begun) == (2, False)
    assert (step.older_secret, step.secret) == ("auth-master", "auth-master-2")
    done = await rotation.rotate(step)
    assert (done.organisations, done.signing_keys) == (2, 1)
    assert await versions(desk) == ({2}, {2})
    assert await person_keys(desk) == before

    assert (await desk.authenticate(ann)).tenant_id
    assert (await desk.browser().get_me(ann.json()["access_token"])).json()["person"]["name"] == "Ann Lee"
    desk.clock.advance(timedelta(minutes=1))
    bob = await desk.browser().register("bob@example.com", name="Bob Ray")
    assert await versions(desk) == ({2}, {2})
    jwks = (await desk.browser().http.get("/jwks")).json()["keys"]
    assert len(jwks) == 2
    for process in (desk, await desk.open_again()):
        assert (await process.authenticate(bob)).tenant_id
        assert (await process.browser().sign_in()).json()["me"]["person"]["name"] == "Ann Lee"


async def test_the_first_master_key_opens_nothing_that_is_kept_now(desk: Desk) -> None:
    await desk.browser().register()
    rotation = rotation_of(desk)
    await rotation.rotate(await rotation.plan())
    first = await Vault(desk.secrets, desk.clock).master(1)
    async with desk.database.reading() as session:
        organisations = list(await session.scalars(select(OrganisationKeyRow)))
        signing = list(await session.scalars(select(SigningKeyRow)))
    for row in organisations:
        with pytest.raises(UnavailableError):
            first.unwrap(row.wrapped, row.organisation_id)
    for key in signing:
        with pytest.raises(UnavailableError):
            first.open(key.sealed_private_jwk, f"signing_key:{key.kid}")


async def test_rotations_follow_each_other(desk: Desk) -> None:
    ann = await desk.browser().register()
    for version in (2, 3, 4):
        desk.clock.advance(timedelta(minutes=1))
        rotation = rotation_of(desk)
        step = await rotation.plan()
        assert (step.version, step.begun) == (version, False)
        await rotation.rotate(step)
        assert await versions(desk) == ({version}, {version})
    assert (await desk.authenticate(ann)).tenant_id


Break = Callable[[KeyRotation], Awaitable[None]]


async def after_the_secret(rotation: KeyRotation) -> None:
    await rotation._secrets.get_or_create("auth-master-2", size=32)


async def after_the_row(rotation: KeyRotation) -> None:
    await after_the_secret(rotation)
    await rotation._begin(2)


async def after_one_batch(rotation: KeyRotation) -> None:
    await after_the_row(rotation)
    await rotation._wrap_organisations(2, await rotation._vault.master(2))


async def before_signing(rotation: KeyRotation) -> None:
    await after_one_batch(rotation)
    await rotation._seal_signing_keys(2, await rotation._vault.master(2))


@pytest.mark.parametrize("interrupt", [after_the_secret, after_the_row, after_one_batch, before_signing])
async def test_an_interrupted_one_is_finished_by_the_next(
    desk: Desk, interrupt: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcry.services.auth.commands.rotation._AT_ONCE", 2)
    ann = await desk.browser().register()
    await desk.browser().register("bob@example.com", name="Bob Ray")
    desk.clock.advance(timedelta(minutes=1))
    await interrupt(rotation_of(desk))
    assert (await desk.browser().sign_in()).status_code == 200
    await (await desk.open_again()).browser().register("cy@example.com", name="Cy Orr")

    rotation = rotation_of(desk)
    step = await rotation.plan()
    assert (step.version, step.begun) == (2, interrupt is not after_the_secret)
    await rotation.rotate(step)
    assert await versions(desk) == ({2}, {2})
    async with desk.database.reading() as session:
        assert len(list(await session.scalars(select(MasterKeyRow)))) == 1
    assert (await desk.authenticate(ann)).tenant_id
    assert (await rotation_of(desk).plan()).version == 3


async def test_of_two_at_once_one_is_told(desk: Desk) -> None:
    await desk.browser().register()
    first, second = rotation_of(desk), rotation_of(desk)
    steps = [await first.plan(), await second.plan()]
    await first.rotate(steps[0])
    with pytest.raises(ConflictError, match="has just begun"):
        await second.rotate(steps[1])


async def test_a_lost_newer_secret_is_said_and_not_made_anew(desk: Desk) -> None:
    await desk.browser().register()
    rotation = rotation_of(desk)
    await rotation.rotate(await rotation.plan())
    secret = desk.secrets._folder / "auth-master-2"
    kept = secret.read_bytes()
    secret.unlink()
    with pytest.raises(UnavailableError, match="The secret auth-master-2 is not there"):
        await desk.open_again()
    assert not secret.exists()
    secret.write_bytes(kept)
    assert (await (await desk.open_again()).browser().sign_in()).status_code == 200
