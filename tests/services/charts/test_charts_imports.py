"""Imports through the browser: uploaded, tried, run in order, told about, and written down."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.clock import FakeClock
from outcry.kit.errors import OutcryError, UnavailableError
from outcry.kit.market import Timeframe
from outcry.kit.principal import Principal
from outcry.services.charts.importing.commands import safe_name
from outcry.services.charts.importing.wiring import Imports, build_imports
from outcry.services.charts.models import RefusedRow
from outcry.services.charts.settings import ChartsSettings
from tests.services.charts.bar_files import HEADER, ROW
from tests.services.charts.conftest import Charts

GOOD = HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW
BAD = HEADER + "".join(f"2017-01-{day:02},0,0,0,0,0\n" for day in range(1, 29)) + "2017-02-01" + ROW
MINUTES = HEADER + "2020-12-15 09:30" + ROW + "2020-12-15 09:31" + ROW
MAY = frozenset({"charts:import:read", "charts:import:create"})
PERSON = uuid4()


class Desk:
    """A browser of the organisation, and the imports behind it."""

    def __init__(self, charts: Charts, clock: FakeClock, folder: Path) -> None:
        self.charts, self.folder, self.realtime = charts, folder, MemoryRealtime()
        self.imports: Imports = build_imports(
            database=charts.database,
            market=charts.commands,
            realtime=self.realtime,
            clock=clock,
            settings=ChartsSettings(import_rows=1_000, import_keep_most=3),
            folder=folder,
        )
        app = FastAPI()
        app.include_router(self.imports.router)
        app.state.authenticate = self._authenticate
        app.add_exception_handler(OutcryError, self._problem)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://desk/api/v1")

    async def _authenticate(self, request: Request) -> Principal:
        tenant: UUID = uuid4() if request.headers.get("as") == "stranger" else self.charts.tenant
        scopes = frozenset({"charts:bars:read"}) if request.headers.get("as") == "viewer" else MAY
        return Principal(user_id=PERSON, tenant_id=tenant, role="analyst", scopes=scopes, session_id=uuid4())

    async def _problem(self, _: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OutcryError)
        return JSONResponse(error.to_problem(), status_code=error.status)

    async def send(self, *files: tuple[str, str | bytes], **options: Any) -> Any:
        """Upload files, wait until their import is over, and return it."""
        parts = [("file", (name, io.BytesIO(text.encode() if isinstance(text, str) else text))) for name, text in files]
        answer = await self.http.post("/imports", files=parts, params=options)
        assert answer.status_code == 202, answer.text
        assert answer.json()["status"] in ("waiting", "running", "done")
        return await self.over(answer.json()["id"])

    async def over(self, import_id: str) -> Any:
        """Wait for the end of an import."""
        running = self.imports.runner.progress(UUID(import_id))
        if running is not None and running.task is not None:
            await running.task
        return (await self.http.get(f"/imports/{import_id}")).json()


@pytest.fixture
async def desk(charts: Charts, fake_clock: FakeClock, tmp_path: Path) -> AsyncIterator[Desk]:
    """Imports on real engines, behind HTTP."""
    desk = Desk(charts, fake_clock, tmp_path / "uploads")
    await desk.imports.runner.start()
    yield desk
    await desk.imports.runner.stop()
    await desk.http.aclose()


async def test_files_are_uploaded_imported_and_reported(desk: Desk) -> None:
    done = await desk.send(("AAPL.csv", GOOD), ("WILE.csv", BAD))
    assert (done["status"], done["problem"], done["fraction"], done["file_count"]) == ("done", "", 1, 2)
    good, bad = done["files"]
    assert (good["name"], good["status"], good["changed"], good["series"][0]["count"]) == (
        *("AAPL.csv", "imported"),
        *(2, 2),
    )
    assert (bad["status"], bad["field"], len(bad["bad_rows"]), bad["bad_row_count"]) == (
        *("refused", "skip_bad_rows"),
        *(10, 28),
    )
    assert not list(desk.folder.rglob("*.csv"))
    events = [envelope for _, envelope, _ in await desk.charts.database.pending(after=0, limit=10)]
    assert [(one.name, one.actor_id) for one in events] == [("charts.bars_imported.v1", PERSON)]
    again = await desk.send(("AAPL.csv", GOOD))
    assert again["files"][0]["changed"] == 0
    page = (await desk.http.get("/imports", params={"limit": 1})).json()
    assert [one["id"] for one in page["items"]] == [again["id"]]
    page = (await desk.http.get("/imports", params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert ([one["id"] for one in page["items"]], page["next_cursor"]) == ([done["id"]], None)


async def test_refused_rows_come_in_pages_and_as_a_file(desk: Desk) -> None:
    done = await desk.send(("=cmd.csv", BAD), ("ALSO.csv", BAD), symbol="WILE")
    path = f"/imports/{done['id']}/rows"
    first = (await desk.http.get(path, params={"limit": 30})).json()
    rest = (await desk.http.get(path, params={"limit": 30, "cursor": first["next_cursor"]})).json()
    rows = [*first["items"], *rest["items"]]
    assert [(row["file"], row["line"]) for row in rows] == [(file, line) for file in (0, 1) for line in range(2, 30)]
    assert rest["next_cursor"] is None
    text = (await desk.http.get(f"{path}.csv")).text.splitlines()
    assert (len(text), text[0], text[1]) == (57, "file,line,reason", '"\'=cmd.csv",2,"the open is zero"')


async def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    done = await desk.send(("AAPL.csv", GOOD), dry_run=True)
    assert (done["dry_run"], done["files"][0]["status"], done["files"][0]["changed"]) == (
        True,
        "checked",
        2,
    )
    assert await desk.charts.time_series.coverage(desk.charts.tenant) == ()


async def test_a_missing_zone_is_a_question_that_names_its_field(desk: Desk) -> None:
    asked = (await desk.send(("SPY.csv", MINUTES)))["files"][0]
    assert (asked["status"], asked["field"]) == ("refused", "zone")
    answered = (await desk.send(("SPY.csv", MINUTES), zone="America/New_York"))["files"][0]
    assert (answered["status"], answered["series"][0]["first"]) == ("imported", "2020-12-15T14:30:00Z")
    known = (await desk.send(("SPY.csv", MINUTES)))["files"][0]
    assert (known["status"], known["changed"]) == ("imported", 0)


@pytest.mark.parametrize(
    ("parts", "params", "status"),
    [
        ([], {}, 422),
        ([("other", ("a.csv", b"x"))], {}, 422),
        ([("file", ("a.csv", b"x"))], {"zone": "Mars/Phobos"}, 422),
        ([("file", ("a.csv", b"x"))], {"zone": "../../etc/passwd"}, 422),
        ([("file", ("a.csv", b"x"))], {"timeframe": "7m"}, 422),
        ([("file", ("a.csv", b"x"))], {"symbol": "= 1"}, 422),
        ([("file", (f"{number}.csv", b"x")) for number in range(201)], {}, 400),
    ],
)
async def test_a_wrong_upload_is_refused_and_leaves_nothing(
    desk: Desk, parts: list[tuple[str, tuple[str, bytes]]], params: dict[str, str], status: int
) -> None:
    empty = parts or {"x": ("", b"")}
    answer = await desk.http.post("/imports", files=empty, params=params)
    assert answer.status_code == status, answer.text
    assert (await desk.http.get("/imports")).json()["items"] == []
    assert not [path for path in desk.folder.rglob("*") if path.is_file()]


async def test_too_many_files_are_told_how_many_there_may_be(desk: Desk) -> None:
    answer = await desk.http.post("/imports", files=[("file", (f"{number}.csv", b"x")) for number in range(201)])
    assert (answer.status_code, "1 to 200 files" in answer.text) == (400, True)


async def test_what_is_no_form_is_refused(desk: Desk) -> None:
    assert (await desk.http.post("/imports", json={"file": "x"})).status_code == 415
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert (await desk.http.post("/imports", content=b"--y\r\n\r\n", headers=broken)).status_code in (400, 422)
    assert (
        await desk.http.post("/imports", content=b"x", headers={"content-type": "multipart/form-data"})
    ).status_code == 400


async def test_limits_of_an_installation_hold(desk: Desk) -> None:
    rows = HEADER + "\n" * 1_001
    (report,) = (await desk.send(("AAPL.csv", rows)))["files"]
    assert (report["status"], "1,000 are the most" in report["problem"]) == ("refused", True)


async def test_nobody_else_sees_an_import(desk: Desk) -> None:
    done = await desk.send(("AAPL.csv", GOOD))
    for path in (f"/imports/{done['id']}", f"/imports/{done['id']}/rows", f"/imports/{done['id']}/rows.csv"):
        assert (await desk.http.get(path, headers={"as": "stranger"})).status_code == 404
        assert (await desk.http.get(path, headers={"as": "viewer"})).status_code == 403
    assert (await desk.http.get("/imports", headers={"as": "stranger"})).json()["items"] == []
    assert (await desk.http.post("/imports", headers={"as": "viewer"}, files={"file": b""})).status_code == 403
    may_listen = desk.imports.topic.may_listen

    def person(tenant: UUID, scopes: frozenset[str] = MAY) -> Principal:
        return Principal(user_id=PERSON, tenant_id=tenant, role="analyst", scopes=scopes, session_id=uuid4())

    tenant = desk.charts.tenant
    assert await may_listen(person(tenant), f"{tenant}:{done['id']}")
    assert not await may_listen(person(uuid4()), f"{tenant}:{done['id']}")
    assert not await may_listen(person(tenant, frozenset()), f"{tenant}:{done['id']}")
    assert not await may_listen(person(tenant), f"{tenant}:{uuid4()}")
    assert not await may_listen(person(tenant), f"{tenant}:nonsense")


async def test_the_topic_tells_how_far_it_is(desk: Desk) -> None:
    parts = {"file": ("AAPL.csv", GOOD.encode())}
    begun = (await desk.http.post("/imports", files=parts)).json()
    told: list[dict[str, object]] = []
    over = asyncio.Event()

    def hear(update: object) -> None:
        told.append(json.loads(update.data))  # type: ignore[attr-defined]  # an Update
        if told[-1]["status"] == "done":
            over.set()

    start = await desk.realtime.follow_latest(f"job:{desk.charts.tenant}:{begun['id']}", hear)
    for update in start.missed:
        hear(update)
    async with asyncio.timeout(10):
        await over.wait()
    assert told[-1] == {
        "id": begun["id"],
        "status": "done",
        "stage": "done",
        "file": 1,
        "file_count": 1,
        "fraction": 1.0,
    }


async def test_an_engine_that_fails_makes_the_import_fail_with_a_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object, **__: object) -> int:
        raise UnavailableError("The market store is closed.")

    monkeypatch.setattr(desk.charts.commands, "import_bars", unavailable)
    done = await desk.send(("AAPL.csv", GOOD))
    assert (done["status"], done["problem"], done["files"]) == ("failed", "The market store is closed.", [])
    monkeypatch.undo()
    assert (await desk.send(("AAPL.csv", GOOD)))["status"] == "done"


async def test_a_restart_says_what_it_cut_short_and_clears_away(desk: Desk, fake_clock: FakeClock) -> None:
    await desk.imports.runner._turn.acquire()
    begun = (await desk.http.post("/imports", files={"file": ("AAPL.csv", GOOD.encode())})).json()
    assert begun["status"] == "waiting"
    assert [path.name for path in desk.folder.rglob("*") if path.is_file()] == ["AAPL.csv"]
    after = Desk(desk.charts, fake_clock, desk.folder)
    await after.imports.runner.start()
    found = (await after.http.get(f"/imports/{begun['id']}")).json()
    assert (found["status"], found["files"]) == ("interrupted", [])
    assert not desk.folder.exists()
    await after.imports.runner.stop()
    await after.http.aclose()


async def test_past_imports_are_kept_for_a_time_and_so_many_of_them(desk: Desk, fake_clock: FakeClock) -> None:
    old = await desk.send(("OLD.csv", BAD))
    assert len((await desk.http.get(f"/imports/{old['id']}/rows")).json()["items"]) == 28
    fake_clock.advance(timedelta(days=89))
    kept = [(await desk.send((f"NEW{number}.csv", GOOD)))["id"] for number in range(3)]
    assert (await desk.http.get(f"/imports/{old['id']}")).status_code == 200
    # The oldest is too old now, and then one more is too many: three are kept besides the one that runs.
    fake_clock.advance(timedelta(days=2))
    kept += [(await desk.send((f"NEWER{number}.csv", GOOD)))["id"] for number in range(2)]
    listed = (await desk.http.get("/imports")).json()["items"]
    assert [one["id"] for one in listed] == kept[:0:-1]
    assert (await desk.http.get(f"/imports/{old['id']}")).json()["code"] == "import_not_found"
    async with desk.charts.database.reading() as session:
        assert (await session.scalars(select(RefusedRow))).all() == []
    # The bars that came of those that are forgotten stay.
    assert (
        await desk.charts.queries.bars(
            tenant_id=desk.charts.tenant, symbol="NEW0", timeframe=Timeframe.D1, start=None, end=None, limit=10
        )
    ).close


async def test_a_start_forgets_what_is_too_old(desk: Desk, fake_clock: FakeClock) -> None:
    old = await desk.send(("OLD.csv", BAD))
    fake_clock.advance(timedelta(days=91))
    after = Desk(desk.charts, fake_clock, desk.folder)
    await after.imports.runner.start()
    assert after.imports.runner._pruning is not None
    await after.imports.runner._pruning
    assert (await after.http.get(f"/imports/{old['id']}")).status_code == 404
    await after.imports.runner.stop()
    await after.http.aclose()


async def test_a_persons_imports_are_exported_and_erased(desk: Desk) -> None:
    await desk.send(("AAPL.csv", BAD))
    (exported,) = await desk.imports.personal.export_person(person_id=PERSON)
    assert json.loads(exported.text)[0]["files"][0]["name"] == "AAPL.csv"
    assert await desk.imports.personal.erase_people(person_ids=(PERSON,), organisation_ids=()) == 29
    assert await desk.imports.personal.export_person(person_id=PERSON) == ()
    assert (await desk.http.get("/imports")).json()["items"] == []


@given(name=st.text(max_size=300))
def test_any_file_name_becomes_one_safe_part_of_a_path(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe not in (".", "..")
    assert len(safe) <= 100
    assert Path(safe).name == safe


def test_file_names_keep_what_tells_the_symbol() -> None:
    assert safe_name("C:\\data\\BRK-A.csv") == "BRK-A.csv"
    assert safe_name("../../^GSPC_daily.csv") == "^GSPC_daily.csv"
    assert safe_name("EURUSD=X.csv") == "EURUSD=X.csv"
