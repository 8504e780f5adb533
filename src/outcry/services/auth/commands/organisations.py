"""Makes and changes organisations, and moves a session from one to another."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.commands.accounts import AccountFounder
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance, SignedInBrowser
from outcry.services.auth.errors import (
    FeatureNotFoundError,
    OrganisationNotFoundError,
    SessionEndedError,
    TooManyOrganisationsError,
)
from outcry.services.auth.events import OrganisationChanged
from outcry.services.auth.identity import Client, read_organisation_name
from outcry.services.auth.memberships import find_membership, hold_organisation, hold_person, require_role
from outcry.services.auth.models.people import MembershipRow, OrganisationRow
from outcry.services.auth.plans import FEATURES
from outcry.services.auth.sessions import Sessions

# More than anybody needs, few enough that nobody fills the database with them.
MOST_OWNED = 20
_TOLD_AT_ONCE = 200


class OrganisationCommands:
    """What people do about organisations."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        entrance: Entrance,
        founder: AccountFounder,
        directory: Directory,
        announcer: Announcer,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._entrance = entrance
        self._founder = founder
        self._directory = directory
        self._announcer = announcer

    async def make(self, principal: Principal, name: str) -> UUID:
        """Make an organisation that the person owns; raises InvalidInputError and TooManyOrganisationsError."""
        clean_name, organisation_id = read_organisation_name(name), new_id()
        async with self._database.transaction() as transaction:
            await hold_person(transaction.session, principal.user_id)
            await self._check_owned(transaction.session, principal.user_id)
            await self._founder.found_organisation(
                transaction, clean_name, principal.user_id, organisation_id=organisation_id
            )
            await self._founder.tell_founded(
                transaction, clean_name, principal.user_id, organisation_id=organisation_id
            )
        return organisation_id

    async def switch(
        self, principal: Principal, organisation_id: UUID, *, token: str, client: Client
    ) -> SignedInBrowser:
        """Let the session go on in another of the person's organisations, with new tokens.

        Raises OrganisationNotFoundError and, for what is wrong with the token, what a refresh raises.
        """
        try:
            async with self._database.transaction() as transaction:
                await self._check_belongs(transaction.session, principal.user_id, organisation_id)
                grant = await self._sessions.move(transaction, principal, token, client, organisation_id)
        except SessionEndedError:
            # The transaction is undone; that of a refresh ends the family of a token that was used up.
            await self._sessions.refresh(token, client)
            raise
        await self._announcer.changed([principal.user_id])
        return await self._entrance.open(grant)

    async def rename(self, principal: Principal, name: str) -> None:
        """Give the organisation another name; raises InvalidInputError."""
        clean_name = read_organisation_name(name)
        async with self._database.transaction() as transaction:
            organisation = await self._hold(transaction, principal)
            if organisation.name == clean_name:
                return
            organisation.name = clean_name
            rows, words = transaction.session, {"after.name": clean_name}
            sealed = await self._directory.seal_words(rows, principal.user_id, words)
            _tell(transaction, principal, organisation.id, "name", sealed=sealed)

    async def set_plan(self, principal: Principal, plan: str) -> None:
        """Put the organisation on another plan. Nobody is removed by a smaller one: it only refuses new ones."""
        async with self._database.transaction() as transaction:
            organisation = await self._hold(transaction, principal)
            before, organisation.plan = organisation.plan, plan
            if before == plan:
                return
            _tell(transaction, principal, organisation.id, "plan", before, plan)
        await self._announce(principal.tenant_id)

    async def set_feature(self, principal: Principal, feature: str, on: bool | None) -> None:
        """Switch a feature on or off whatever the plan says, or with None as it says; raises FeatureNotFoundError."""
        if feature not in FEATURES:
            raise FeatureNotFoundError()
        async with self._database.transaction() as transaction:
            organisation = await self._hold(transaction, principal)
            before = organisation.flags.get(feature)
            if before == on:
                return
            others = {name: value for name, value in organisation.flags.items() if name != feature}
            organisation.flags = others if on is None else {**others, feature: on}
            _tell(transaction, principal, organisation.id, f"feature:{feature}", _word(before), _word(on))
        await self._announce(principal.tenant_id)

    async def _hold(self, transaction: Transaction, principal: Principal) -> OrganisationRow:
        organisation = await hold_organisation(transaction.session, principal.tenant_id)
        await require_role(transaction.session, principal, "owner", "admin")
        return organisation

    async def _check_owned(self, session: AsyncSession, person_id: UUID) -> None:
        owned = (
            select(func.count())
            .select_from(MembershipRow)
            .join(OrganisationRow, OrganisationRow.id == MembershipRow.organisation_id)
            .where(
                MembershipRow.person_id == person_id,
                MembershipRow.role == "owner",
                OrganisationRow.erased_at.is_(None),
            )
        )
        if (await session.scalar(owned) or 0) >= MOST_OWNED:
            raise TooManyOrganisationsError(f"One person may own {MOST_OWNED} organisations.")

    async def _check_belongs(self, session: AsyncSession, person_id: UUID, organisation_id: UUID) -> None:
        organisation = await session.get(OrganisationRow, organisation_id)
        row = await find_membership(session, organisation_id, person_id)
        if organisation is None or organisation.erased_at is not None or row is None or row.disabled_at is not None:
            raise OrganisationNotFoundError()

    async def _announce(self, organisation_id: UUID) -> None:
        """Tell every member's open sockets, some at a time, after the commit."""
        query = select(MembershipRow.person_id).where(MembershipRow.organisation_id == organisation_id)
        async with self._database.reading() as session:
            people = list(await session.scalars(query))
        for start in range(0, len(people), _TOLD_AT_ONCE):
            await self._announcer.changed(people[start : start + _TOLD_AT_ONCE])


def _word(on: bool | None) -> str:
    return "plan" if on is None else "on" if on else "off"


def _tell(
    transaction: Transaction,
    principal: Principal,
    organisation_id: UUID,
    what: str,
    before: str = "",
    after: str = "",
    sealed: dict[str, str] | None = None,
) -> None:
    event = OrganisationChanged(
        organisation_id=organisation_id,
        what=what,
        before=before,
        after=after,
        sealed=sealed or {},
        sealed_for=principal.user_id if sealed else None,
    )
    transaction.publish(event, tenant_id=organisation_id, key=str(organisation_id), actor_id=principal.user_id)
