"""Seals what an earlier version stored in the clear: run at each start, done after the first."""

import os

from sqlalchemy import select

from outcry.kit.ids import new_id
from outcry.ports.database import Database
from outcry.services.auth.directory import Directory
from outcry.services.auth.events import NO_TENANT
from outcry.services.auth.identity import Email
from outcry.services.auth.models.people import MembershipRow, OrganisationKeyRow, OrganisationRow, PersonRow
from outcry.services.auth.vault import Vault


async def adopt_plain_rows(database: Database, vault: Vault, directory: Directory) -> int:
    """Make the missing keys of organisations and people, seal plain names and addresses; return how many people."""
    async with database.transaction() as transaction:
        session = transaction.session
        await vault.installation(session)
        keyed = select(OrganisationKeyRow.organisation_id)
        bare = select(OrganisationRow.id).where(OrganisationRow.id.not_in(keyed), OrganisationRow.erased_at.is_(None))
        for organisation_id in list(await session.scalars(bare)):
            await vault.add_organisation(session, organisation_id)
        plain = list(await session.scalars(select(PersonRow).where(PersonRow.email != "")))
        for row in plain:
            home = select(MembershipRow.organisation_id).where(MembershipRow.person_id == row.id)
            first = await session.scalar(home.order_by(MembershipRow.joined_at).limit(1))
            await vault.add_person(session, row.id, first or NO_TENANT)
            await directory.set_email(session, row.id, Email(shown=row.email, key=row.email_key))
            await directory.set_name(session, row.id, row.name)
            row.email, row.email_key, row.name = "", new_id().hex, ""
            row.handle = os.urandom(32)
    return len(plain)
