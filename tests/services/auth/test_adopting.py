"""What an earlier version stored in the clear is sealed at the first start, and everybody can still sign in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Uuid, bindparam, insert, select, text

from outcry.adapters.database.postgresql import PostgresqlDatabase
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.clock import FakeClock
from outcry.kit.ids import new_id
from outcry.services.auth.adopting import adopt_plain_rows
from outcry.services.auth.directory import Directory
from outcry.services.auth.models.factors import CredentialRow
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.passwords import Passwords
from outcry.services.auth.vault import Vault
from tests.conftest import SERVICES, PostgresqlServer
from tests.services.auth.conftest import PASSWORD, Desk
from tests.services.people import FAST


async def plain_person(desk: Desk, name: str) -> None:
    """Write a person as the first version did."""
    passwords = Passwords(FAST, desk.secrets)
    hashed = passwords._hasher.hash(PASSWORD)
    passwords.close()
    now, person_id, tenant_id = desk.clock.now(), new_id(), new_id()
    email = f"{name}@example.com"
    async with desk.database.transaction() as transaction:
        rows = transaction.session
        person = {"id": person_id, "email": email.title(), "email_key": email, "name": name, "created_at": now}
        await rows.execute(insert(PersonRow).values(person))
        await rows.execute(insert(OrganisationRow).values(id=tenant_id, name="Old desk", created_at=now))
        seat = {"person_id": person_id, "organisation_id": tenant_id, "role": "owner", "joined_at": now}
        await rows.execute(insert(MembershipRow).values(seat))
        await rows.execute(insert(CredentialRow).values(person_id=person_id, password_hash=hashed, changed_at=now))


async def adopt(desk: Desk) -> int:
    vault = Vault(desk.secrets, desk.clock)
    await vault.start()
    return await adopt_plain_rows(desk.database, vault, Directory(vault))


async def test_plain_people_are_sealed_once_and_sign_in(desk: Desk) -> None:
    await plain_person(desk, "annabella")
    await plain_person(desk, "bartholomew")
    assert await adopt(desk) == 2
    assert await adopt(desk) == 0
    response = await desk.browser().sign_in(email="Annabella@example.com")
    assert response.status_code == 200, response.text
    person = response.json()["me"]["person"]
    assert (person["name"], person["email"]) == ("annabella", "Annabella@Example.Com")


async def test_nothing_is_left_in_the_clear(desk: Desk) -> None:
    await plain_person(desk, "annabella")
    await adopt(desk)
    async with desk.database.reading() as session:
        row = (await session.execute(select(PersonRow))).scalar_one()
        assert (row.email, row.name, row.handle is not None) == ("", "", True)
        for column in (row.email_key.encode(), row.sealed_email, row.sealed_name, row.email_index):
            assert b"annabella" not in bytes(column or b"").lower()


async def first_version(database: RelationalDatabase, folder: Path) -> None:
    """Bring a database to the form of the first migration."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    first = SERVICES / "auth" / "migrations" / "versions" / "0001_people_and_sessions.py"
    (versions / first.name).write_text(first.read_text())
    await database.migrate(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
async def old_database(
    request: pytest.FixtureRequest, tmp_path: Path, fake_clock: FakeClock
) -> AsyncIterator[RelationalDatabase]:
    """A database of the first version with one person in it, on each engine."""
    database: RelationalDatabase
    if request.param == "sqlite":
        database = SqliteDatabase(tmp_path / "old.sqlite", clock=fake_clock)
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        database = PostgresqlDatabase(server.new_database(), schema="auth", clock=fake_clock)
    await first_version(database, tmp_path / "first")
    async with database.transaction() as transaction:
        values = {"id": new_id(), "email": "annabella@example.com", "name": "annabella"}
        insertion = text(
            "INSERT INTO person (id, email, email_key, name, created_at) VALUES (:id, :email, :email, :name, 0)"
        ).bindparams(bindparam("id", type_=Uuid()))
        await transaction.session.execute(insertion, values)
    yield database
    await database.close()


async def test_a_database_of_the_first_version_is_brought_up(
    tmp_path: Path, old_database: RelationalDatabase, fake_clock: FakeClock
) -> None:
    await old_database.migrate(SERVICES / "auth" / "migrations")
    vault = Vault(FilesSecrets(tmp_path / "secrets", environment={}), fake_clock)
    await vault.start()
    directory = Directory(vault)
    assert await adopt_plain_rows(old_database, vault, directory) == 1
    async with old_database.reading() as session:
        row = (await session.scalars(select(PersonRow))).one()
        assert (await directory.open_person(session, row)).name == "annabella"
