"""The compliance report: what is in it, whose names, and as JSON, CSV and PDF."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import delete, update

from outcry.kit.errors import UnavailableError
from outcry.kit.ids import new_id
from outcry.services.audit.checkpoints import SignedCheckpoint
from outcry.services.audit.errors import ReportTooLargeError
from outcry.services.audit.events import ReportMade
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.report import ComplianceReport, LogState, PersonAccess
from outcry.services.audit.report_csv import to_csv
from outcry.services.audit.report_fonts import add_font
from outcry.services.audit.report_pdf import to_pdf
from outcry.services.audit.reporting import Reports
from outcry.services.auth.events import (
    AccessRefused,
    CredentialChanged,
    MemberChanged,
    PeopleRead,
    PersonExported,
    SignedIn,
    SignInFailed,
)
from outcry.services.auth.models.people import MembershipRow, OrganisationRow
from tests.services.audit.conftest import Desk


def role(person_id: UUID, tenant_id: UUID, before: str, after: str, act: str = "role") -> MemberChanged:
    return MemberChanged(person_id=person_id, organisation_id=tenant_id, act=act, before=before, after=after)


async def a_period(desk: Desk) -> tuple[UUID, UUID]:
    """Let a year pass in which Bob joins and is made an analyst, and Eve joins, fails, and is refused."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    bob = await desk.crowd.new_person("Bob", tenant)
    eve = await desk.crowd.new_person("Eve", tenant)
    await desk.tell(role(bob, tenant, "", "member", "joined"), tenant, actor_id=bob)
    await desk.sign()
    desk.clock.advance(timedelta(days=200))
    await desk.tell(role(eve, tenant, "", "viewer", "joined"), tenant, actor_id=eve)
    await desk.tell(role(bob, tenant, "member", "analyst"), tenant, actor_id=owner)
    for address in ("203.0.113.9", "203.0.113.10", "2001:db8::1", "2001:db8::2"):
        signed = SignedIn(person_id=bob, session_id=new_id(), methods=("pwd", "otp"))
        await desk.tell(signed, tenant, actor_id=bob, address=address)
    await desk.tell(CredentialChanged(person_id=bob, what="device", act="added"), tenant, actor_id=bob)
    await desk.tell(PeopleRead(what="members", count=7), tenant, actor_id=owner)
    await desk.tell(PersonExported(person_id=bob), tenant, actor_id=bob)
    await desk.tell(SignInFailed(person_id=eve), tenant, actor_id=eve, address="198.51.100.7")
    desk.clock.advance(timedelta(days=1))
    refused = AccessRefused(person_id=eve, what="GET /x", reason="forbidden", dropped=4)
    await desk.tell(refused, tenant, actor_id=eve, address="198.51.100.7")
    await desk.sign()
    return bob, eve


async def test_a_report_has_every_section(desk: Desk) -> None:
    """And not what other organisations did, nor what was before or after."""
    elsewhere = await desk.crowd.new_organisation()
    await desk.tell(SignedIn(person_id=desk.reader.user_id, session_id=new_id()), elsewhere)
    bob, eve = await a_period(desk)
    desk.clock.advance(timedelta(seconds=1))
    report = (await desk.get("/report")).json()
    assert report["organisation"] == "Desk"
    (access,) = report["access"]
    assert (access["name"], access["sign_ins"], access["ways"], access["networks"], access["devices"]) == (
        "Bob",
        4,
        {"pwd otp": 4},
        3,
        1,
    )
    assert [(one["name"], one["act"], one["times"], one["things"]) for one in report["reads"]] == [
        ("Olga", "auth.members_read", 1, 7)
    ]
    changes = [(one["name"], one["actor"], one["before"], one["after"]) for one in report["role_changes"]]
    assert changes == [("Eve", "Eve", "", "viewer, active"), ("Bob", "Olga", "member", "analyst")]
    held = {one["person_id"]: (one["role"], one["state"]) for one in report["roles"]}
    assert held == {str(bob): ("analyst", "active"), str(eve): ("viewer", "active")}
    assert [(one["actor"], one["act"]) for one in report["exports"]] == [("Bob", "auth.person_exported")]
    (failed,) = report["failures"]
    assert (failed["name"], failed["network"], failed["sign_ins"], failed["refusals"]) == ("Eve", "198.51.100.7", 1, 5)
    days = [(one["sign_ins"], one["refusals"]) for one in report["failures_by_day"]]
    assert days == [(1, 0), (0, 5)]
    log = report["log"]
    assert (log["at_start"]["size"], log["at_end"]["size"], log["entries"], log["unread"]) == (1, 12, 11, 0)


async def test_an_earlier_period_ends_where_it_ends(desk: Desk) -> None:
    bob, _ = await a_period(desk)
    end = desk.clock.now() - timedelta(days=2)
    report = (await desk.get("/report", start=(end - timedelta(days=366)).isoformat(), end=end.isoformat())).json()
    assert [(one["person_id"], one["role"]) for one in report["roles"]] == [(str(bob), "member")]
    assert (report["access"], report["exports"], report["failures"]) == ([], [], [])
    assert report["log"]["at_start"] is None


async def test_who_left_and_who_was_erased_have_no_name(desk: Desk) -> None:
    bob, eve = await a_period(desk)
    async with desk.crowd.database.transaction() as transaction:
        gone = delete(MembershipRow).where(MembershipRow.person_id.in_((bob, eve)))
        await transaction.session.execute(gone)
    await desk.destroy_key(eve)
    desk.clock.advance(timedelta(minutes=1))  # an opened key is remembered for less
    report = (await desk.get("/report")).json()
    assert report["access"][0]["name"] == "former member"
    assert report["failures"][0]["name"] == "erased person"
    assert "Eve" not in str(report)


async def test_that_a_report_is_made_becomes_an_entry(desk: Desk) -> None:
    for ending in ("", ".csv", ".pdf"):
        assert (await desk.get(f"/report{ending}")).status_code == 200
    pending = [envelope for _, envelope, _ in await desk.database.pending(after=0, limit=10)]
    assert [one.name for one in pending] == [ReportMade.name] * 3
    for envelope in pending:
        await desk.module.handlers[ReportMade.name](envelope)
    entries = await desk.entries(act="audit.report_made")
    assert [one["after"]["form"] for one in entries] == ["pdf", "csv", "json"]
    assert {one["actor_id"] for one in entries} == {str(desk.reader.user_id)}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        (None, "0001-01-02T00:00:00Z"),
        ("9999-12-31T23:59:59", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
async def test_a_period_that_is_none_is_refused(desk: Desk, start: str | None, end: str | None) -> None:
    named = {name: value for name, value in (("start", start), ("end", end)) if value}
    for ending in ("", ".csv", ".pdf"):
        answer = await desk.get(f"/report{ending}", **named)
        assert answer.status_code == 422
        assert answer.json()["code"] in ("invalid_report_period", "invalid_input")
    assert await desk.database.pending(after=0, limit=10) == []


async def test_a_period_with_too_much_in_it_is_refused(desk: Desk) -> None:
    await a_period(desk)
    reports = Reports(
        database=desk.database,
        auth=desk.people,
        store=LeafStore(desk.database, desk.blobs),
        checkpoints=desk.checkpoints,
        clock=desk.clock,
        most_entries=5,
    )
    with pytest.raises(ReportTooLargeError):
        await reports.make(desk.reader, start=None, end=None, form="json")


async def test_no_cell_of_the_csv_is_a_formula(desk: Desk) -> None:
    """Names and the organisation's name are what people chose; the lines are those of RFC 4180."""
    await a_period(desk)
    async with desk.crowd.database.transaction() as transaction:
        await transaction.session.execute(update(OrganisationRow).values(name='=cmd|" /C calc"!A0,\r\nx'))
    answer = await desk.get("/report.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="outcry-report-')
    text = answer.content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert lines[0]["organisation"] == '\'=cmd|" /C calc"!A0,\r\nx'
    assert {one["section"] for one in lines} >= {"report", "access", "roles", "failures", "checkpoint_at_end"}
    assert not [cell for line in lines for cell in line.values() if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert [one["name"] for one in lines if one["section"] == "access"] == ["Bob"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1"])
def test_a_name_that_would_be_a_formula_begins_with_an_apostrophe(name: str) -> None:
    lines = csv.DictReader(io.StringIO(to_csv(a_report(name)).decode("utf-8-sig"), newline=""))
    assert [one["name"] for one in lines if one["section"] == "access"] == [f"'{name}"]


def a_report(*names: str) -> ComplianceReport:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    access = tuple(
        PersonAccess(
            person_id=new_id(), name=name, sign_ins=1, ways={"pwd": 1}, networks=1, devices=0, first=now, last=now
        )
        for name in names
    )
    checkpoint = SignedCheckpoint(size=9, root="r" * 44, time=now, note="note")
    return ComplianceReport(
        organisation_id=new_id(),
        organisation="Zürich & Söhne",
        start=now - timedelta(days=90),
        end=now,
        made_at=now,
        access=access,
        reads=(),
        role_changes=(),
        roles=(),
        exports=(),
        failures=(),
        failures_by_day=(),
        log=LogState(key="outcry/audit+00000000+AA", at_start=None, at_end=checkpoint, entries=9, unread=0),
    )


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        assert document.get_metadata_dict()["Title"] == "Compliance report 2026-08-27 to 2026-11-25"
        texts = []
        for page in document:
            reader = page.get_textpage()
            texts.append(reader.get_text_bounded())
            reader.close()
            page.close()
        return "\n".join(texts)


def test_the_pages_have_names_of_many_scripts_and_no_markup() -> None:
    names = ("Żółć Ørsted", "Дмитрий", "Ελένη", "<b>bold</b> & <script>", "x" * 2_000, "\x00\x1b[31m")
    text = text_of(to_pdf(a_report(*names)))
    for shown in (*names[:4], "Zürich & Söhne", "None in this period.", "Page 1 of 2"):
        assert shown in text


def test_long_tables_go_over_many_pages_and_are_cut_in_the_end() -> None:
    text = text_of(to_pdf(a_report(*(f"Person {number}" for number in range(1_203)))))
    assert "Person 499" in text
    assert "and 703 more, which the CSV has" in text
    assert "Person 500" not in text


def test_names_in_the_scripts_of_the_east_are_in_the_file() -> None:
    """A reader of PDF draws them with fonts of its own; the letters are there to be read."""
    pdf = to_pdf(replace(a_report("田中さくら", "王小明", "김민준"), organisation="東京"))
    assert b"HeiseiKakuGo-W5" in pdf
    assert b"STSong-Light" in pdf
    assert b"HYGothic-Medium" in pdf


def test_a_font_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "font.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(UnavailableError, match="OUTCRY_AUDIT_REPORT_FONT"):
        add_font(path)
