"""Every endpoint, called by every role, by another organisation and by nobody, beside a table that people review.

``endpoints.csv`` has a line an endpoint: its permission, whether it needs a fresh factor, and who gets past the door
(one letter a role: Owner, Admin, aNalyst, Member, Viewer, Guest). What stands behind the door (404, 422, 409) is for
the tests of each service; here it only must not be 401 or 403 for those, and must be 403 for the others.
"""

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert, update

from outcry.kit.errors import UnauthenticatedError
from outcry.kit.market import Timeframe
from outcry.main import Platform
from outcry.ports.time_series import Batch
from outcry.services.auth.contracts import AuthFacade
from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.models.factors import DeviceRow, IdentityRow
from outcry.services.auth.models.people import MembershipRow
from outcry.services.auth.permissions import ROLES
from outcry.services.chat.models import MessageRow
from outcry.settings import Settings
from tests.adapters_support.authenticator import Authenticator
from tests.edge.bodies import BODIES, DUTY, LATER, LAYOUT, LINE
from tests.edge.test_permissions import documented_routes, permissions_of
from tests.running import PASSWORD, QUOTAS
from tests.services.charts.conftest import DAY, make_bars, make_instrument

TABLE = Path(__file__).with_name("endpoints.csv")
LETTERS = dict(zip(ROLES, "OANMVG", strict=True))

PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass
class Caller:
    """Somebody in a role, signed in."""

    role: str
    token: str
    user_id: UUID
    tenant_id: UUID


@dataclass
class Walk:
    """The platform in this process, and people of every role in one organisation of it."""

    platform: Platform
    auth: AuthFacade
    http: httpx.AsyncClient
    tenant_id: UUID
    callers: dict[str, Caller] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def begin(cls, platform: Platform, http: httpx.AsyncClient) -> "Walk":
        """Make the organisation, its owner, and one thing of each kind that paths name."""
        auth = next(module.facade for module in platform.modules if module.name == "auth")
        assert isinstance(auth, AuthFacade)
        walk = cls(platform, auth, http, tenant_id=uuid4())
        # The first account operates the installation, whatever its role: it gets past one door more.
        await walk.sign_up("operator")
        owner = await walk.sign_up("owner")
        walk.tenant_id, walk.callers["owner"] = owner.tenant_id, owner
        await walk.make_things(owner)
        return walk

    async def sign_up(self, role: str) -> Caller:
        """Make an account with an organisation of its own."""
        body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD, "name": role.title()}
        session = (await self.http.post("/api/v1/auth/register", json=body)).json()
        me = session["me"]
        return Caller(
            role=role,
            token=session["access_token"],
            user_id=UUID(me["person"]["id"]),
            tenant_id=UUID(me["organisation"]["id"]),
        )

    async def caller(self, role: str) -> Caller:
        """Return somebody of this role in the organisation; a new one when an earlier call ended what they had."""
        found = self.callers.get(role)
        if found is None or not await self._is_still(found):
            found = self.callers[role] = await self._seat(role)
        return found

    async def _is_still(self, caller: Caller) -> bool:
        try:
            principal = await self.auth.authenticate(access_token=caller.token)
        except UnauthenticatedError:
            return False
        return principal.role == caller.role and principal.tenant_id == self.tenant_id and principal.fresh

    async def _seat(self, role: str) -> Caller:
        caller = await self.sign_up(role)
        database = self.platform._databases["auth"]
        async with database.transaction() as transaction:
            now = self.platform._clock.now()
            values = {
                "person_id": caller.user_id,
                "organisation_id": self.tenant_id,
                "role": role,
                "joined_at": now,
                "room_id": UUID(self.things["room_id"]) if role == "guest" else None,
            }
            await transaction.session.execute(insert(MembershipRow).values(values))
            moved = update(SessionRow).where(SessionRow.person_id == caller.user_id)
            await transaction.session.execute(moved.values(organisation_id=self.tenant_id))
        issued = await self._token(caller, role)
        return Caller(role=role, token=issued, user_id=caller.user_id, tenant_id=self.tenant_id)

    async def _token(self, caller: Caller, role: str) -> str:
        # The browser goes on with its cookie, as after switching organisations.
        answer = await self.http.post("/api/v1/auth/refresh", headers={"X-Outcry": "1"})
        session = answer.json()
        assert (session["me"]["role"], session["me"]["person"]["id"]) == (role, str(caller.user_id))
        return str(session["access_token"])

    async def make_things(self, owner: Caller) -> None:
        """Make what paths can name: their ids are the organisation's."""
        headers = {"Authorization": f"Bearer {owner.token}"}
        room = (await self.http.post("/api/v1/rooms", json={"kind": "room"}, headers=headers)).json()
        body = {"text": "hello", "client_id": uuid4().hex}
        posted = (await self.http.post(f"/api/v1/rooms/{room['id']}/messages", json=body, headers=headers)).json()
        link = (await self.http.post(f"/api/v1/rooms/{room['id']}/links", json={}, headers=headers)).json()
        topic_body = {"title": "Rates"}
        topic = (await self.http.post(f"/api/v1/rooms/{room['id']}/topics", json=topic_body, headers=headers)).json()
        session = (await self.http.get("/api/v1/auth/sessions", headers=headers)).json()[0]
        key_body = {"name": "k", "scopes": ["charts:bars:read"]}
        key = (await self.http.post("/api/v1/auth/api-keys", json=key_body, headers=headers)).json()["key"]
        invited = {"email": "invited@example.com", "role": "member"}
        invitations = "/api/v1/auth/organisation/invitations"
        invitation = (await self.http.post(invitations, json=invited, headers=headers)).json()
        imported = await self.http.post("/api/v1/imports", files={"file": ("AAPL.csv", b"x")}, headers=headers)
        self.things = {
            "import_id": imported.json()["id"],
            "room_id": room["id"],
            "message_id": posted["id"],
            "user_id": str(owner.user_id),
            "person_id": str(owner.user_id),
            "session_id": session["id"],
            "key_id": key["id"],
            "device_id": str(await self._remember_device(owner)),
            "identity_id": await self._connect(owner),
            "invitation_id": invitation["id"],
            "link_id": link["link"]["id"],
            "topic_id": topic["id"],
            "passkey_id": await self._add_passkey(headers),
            **await self._make_chart_things(owner, headers),
            "entry": await self._find_entry(headers),
            "object_type": "room",
            "emoji": "👍",
            "later_id": await self._send_later(room["id"], headers),
            "file_id": await self._send_file(room["id"], headers),
            "preview_id": await self._show_preview(UUID(posted["id"])),
            "duty_id": await self._give_duty(room["id"], headers),
            "object_id": room["id"],
        }

    async def _send_later(self, room_id: str, headers: dict[str, str]) -> str:
        made = await self.http.post(f"/api/v1/rooms/{room_id}/later", json=LATER, headers=headers)
        return str(made.json()["id"])

    async def _send_file(self, room_id: str, headers: dict[str, str]) -> str:
        where = f"/api/v1/files?room_id={room_id}&name=bars.csv"
        return str((await self.http.post(where, content=b"Date,Close", headers=headers)).json()["id"])

    async def _show_preview(self, message_id: UUID) -> str:
        """Give a message a preview, as if its link had been looked at."""
        preview_id = str(uuid4())
        shown = [{"id": preview_id, "url": "https://desk.example/", "title": "Desk"}]
        changed = update(MessageRow).where(MessageRow.id == message_id).values(previews=shown)
        async with self.platform._databases["chat"].transaction() as transaction:
            await transaction.session.execute(changed)
        return preview_id

    async def _give_duty(self, room_id: str, headers: dict[str, str]) -> str:
        made = await self.http.post(f"/api/v1/rooms/{room_id}/duties", json=DUTY, headers=headers)
        return str(made.json()["id"])

    async def _make_chart_things(self, owner: Caller, headers: dict[str, str]) -> dict[str, str]:
        """Give the organisation an instrument, and make what people make of charts."""
        instrument = make_instrument("AAPL")
        batch = Batch(symbol="AAPL", timeframe=Timeframe.D1, bars=make_bars([0, DAY]))
        await self.platform.market.import_bars(owner.tenant_id, [instrument], [batch])
        made = {
            "drawing_id": ("/instruments/AAPL/drawings", LINE),
            "layout_id": ("/layouts", LAYOUT),
            "watchlist_id": ("/watchlists", {"name": "Mine"}),
            "share_id": ("/shares", {"chart": LAYOUT["chart"], "audience": "organisation"}),
        }
        return {
            name: _id_of((await self.http.post(f"/api/v1{path}", json=body, headers=headers)).json())
            for name, (path, body) in made.items()
        }

    async def _find_entry(self, headers: dict[str, str]) -> str:
        """Wait until the audit log has an entry of the organisation, and return its id."""
        async with asyncio.timeout(30):
            while True:
                page = (await self.http.get("/api/v1/audit/entries?limit=1", headers=headers)).json()
                if page["items"]:
                    return str(page["items"][0]["id"])
                await asyncio.sleep(0.02)

    async def _add_passkey(self, headers: dict[str, str]) -> str:
        passkeys = "/api/v1/auth/factors/passkeys"
        asked = (await self.http.post(f"{passkeys}/options", headers=headers)).json()
        made = Authenticator(origin=self.platform.settings.url).make(asked["options"])
        body = {"ticket": asked["ticket"], "credential": made, "name": "Key"}
        return str((await self.http.post(passkeys, json=body, headers=headers)).json()["id"])

    async def _remember_device(self, owner: Caller) -> UUID:
        device, now = uuid4(), self.platform._clock.now()
        where = {"user_agent": "", "address": "203.0.113.7"}
        times = {"created_at": now, "last_used_at": now, "expires_at": now + timedelta(days=30)}
        values = {"id": device, "person_id": owner.user_id, "token_hash": device.bytes, **where, **times}
        async with self.platform._databases["auth"].transaction() as transaction:
            await transaction.session.execute(insert(DeviceRow).values(values))
        return device

    async def _connect(self, owner: Caller) -> str:
        """Connect the owner with an account at a provider."""
        row = IdentityRow(
            id=uuid4(),
            person_id=owner.user_id,
            provider="corp",
            issuer="https://corp.example",
            subject="1",
            created_at=self.platform._clock.now(),
        )
        identity_id = str(row.id)
        async with self.platform._databases["auth"].transaction() as transaction:
            transaction.session.add(row)
        return identity_id

    async def call(
        self, endpoint: "Endpoint", token: str | None, *, body: Any = None, **replaced: str
    ) -> httpx.Response:
        """Call an endpoint with ids that nobody has, unless they are given."""
        path = PARAMETER.sub(lambda match: replaced.get(match[1], str(uuid4())), endpoint.path)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.http.request(endpoint.method, path, headers=headers, json=body)


@dataclass(frozen=True)
class Endpoint:
    """A line of the table."""

    method: str
    path: str
    permission: str
    fresh: bool
    roles: str


def read_table() -> dict[tuple[str, str], Endpoint]:
    """Return the reviewed table."""
    with TABLE.open(newline="") as file:
        rows = [
            Endpoint(
                method=row["method"],
                path=row["path"],
                permission=row["permission"],
                fresh=row["fresh"] == "fresh",
                roles=row["roles"],
            )
            for row in csv.DictReader(file)
        ]
    return {(row.method, row.path): row for row in rows}


def endpoints_of(platform: Platform) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return what the code says: each endpoint's permission, and whether it needs a fresh factor."""
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for route in documented_routes(platform):
        calls: list[Any] = [dependency.call for dependency in route.dependant.dependencies]
        fresh = any(getattr(call, "fresh", False) for call in calls)
        for method in route.methods or ():
            found[(method, route.path)] = (permissions_of(route)[0], fresh)
    return found


@pytest.fixture(scope="module")
async def walk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walk]:
    """A platform of its own, with the smallest password hashes."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("TIME_COST", "1"), ("MEMORY_KIB", "8"), ("PARALLELISM", "1")):
            patch.setenv(f"OUTCRY_AUTH_HASH_{name}", value)
        for name, value in QUOTAS.items():
            patch.setenv(name, value)
        platform = Platform(Settings(data=tmp_path_factory.mktemp("data"), sample_market=False))
        await platform.migrate()
        await platform.start()
        transport = httpx.ASGITransport(app=platform.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield await Walk.begin(platform, http)
        await platform.stop()


async def test_the_table_has_every_endpoint_as_the_code_has_it(walk: Walk) -> None:
    table = {key: (line.permission, line.fresh) for key, line in read_table().items()}
    assert table == endpoints_of(walk.platform)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_gets_past_the_doors_of_the_table_and_no_other(walk: Walk, role: str) -> None:
    wrong = []
    for endpoint in read_table().values():
        if endpoint.permission == "public":
            continue
        caller = await walk.caller(role)
        answer = await walk.call(endpoint, caller.token)
        refused = answer.status_code == 403 and answer.json()["detail"].startswith("Your role does not include")
        if answer.status_code == 401 or refused == (LETTERS[role] in endpoint.roles) or answer.status_code >= 500:
            wrong.append((endpoint.method, endpoint.path, answer.status_code, answer.text[:200]))
    assert wrong == []


async def test_nobody_gets_past_a_door_that_is_not_public(walk: Walk) -> None:
    for endpoint in read_table().values():
        if endpoint.permission == "public":
            continue
        for token in (None, "x", "outcry_deadbeef_x"):
            answer = await walk.call(endpoint, token, **walk.things)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), endpoint


async def test_another_organisation_finds_nothing(walk: Walk) -> None:
    """The owner of another organisation, with this one's real ids, is told what is told of ids that nobody has."""
    told_apart = []
    for endpoint in read_table().values():
        if endpoint.permission == "public" or not PARAMETER.search(endpoint.path):
            continue
        stranger = await walk.sign_up("stranger")
        body = BODIES.get(f"{endpoint.method} {endpoint.path}")
        real = await walk.call(endpoint, stranger.token, body=body, **walk.things)
        named = {name: walk.things[name] for name in ("object_type", "emoji")}
        unknown = await walk.call(endpoint, stranger.token, body=body, **named)
        assert unknown.status_code != 422, (endpoint, unknown.text)
        if (real.status_code, _without_ids(real)) != (unknown.status_code, _without_ids(unknown)):
            told_apart.append((endpoint.method, endpoint.path, real.text[:200], unknown.text[:200]))
    assert told_apart == []


async def test_endpoints_that_look_at_ids_are_called_with_a_body_that_they_take(walk: Walk) -> None:
    paths = walk.platform.app.openapi()["paths"]
    wanting = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if PARAMETER.search(path) and "requestBody" in operation
    }
    assert wanting == BODIES.keys()
    names = {name for path in paths for name in PARAMETER.findall(path)}
    assert names - walk.things.keys() == {"symbol", "name", "feature", "provider"}


async def test_doors_that_need_a_fresh_factor_say_so(walk: Walk) -> None:
    caller = await walk.sign_up("owner")
    database = walk.platform._databases["auth"]
    async with database.transaction() as transaction:
        stale = update(SessionRow).where(SessionRow.person_id == caller.user_id).values(fresh_at=None)
        await transaction.session.execute(stale)
    for endpoint in read_table().values():
        answer = await walk.call(endpoint, caller.token)
        asked = answer.status_code == 403 and answer.json()["code"] == "step_up_required"
        assert asked == endpoint.fresh, endpoint


def _id_of(made: dict[str, Any]) -> str:
    return str(made.get("share", made)["id"])


def _without_ids(answer: httpx.Response) -> str:
    """Return an answer without what differs in any two: ids of the request, and ids that stood in its path."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", answer.text)
