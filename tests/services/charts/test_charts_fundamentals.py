"""What companies reported is read from their files, and known only from the day on which it was filed."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.filings.none import NoneFilings
from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Timeframe
from outcry.ports.filings import FilingsOffError
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.errors import InstrumentNotFoundError
from outcry.services.charts.fundamentals.commands import FundamentalsCommands
from outcry.services.charts.fundamentals.company_facts import read_company_facts
from outcry.services.charts.fundamentals.instance import read_instance
from outcry.services.charts.fundamentals.reported import UnusableReportError, to_words
from outcry.services.charts.listing.commands import InstrumentChange, ListingCommands
from outcry.services.charts.privacy import ChartsPersonalData
from tests.services.charts.conftest import Charts, make_bars

FILINGS = Path(__file__).parents[4] / "shared" / "data" / "filings"

# A figure that a later report restates, one that an amendment restates, and one of a balance sheet.
FIRST = {"accn": "0001-22-1", "form": "10-K", "filed": "2022-10-28", "fy": 2022, "fp": "FY"}
AMENDED = {"accn": "0001-22-2", "form": "10-K/A", "filed": "2022-12-01", "fy": 2022, "fp": "FY"}
SECOND = {"accn": "0001-23-1", "form": "10-K", "filed": "2023-11-03", "fy": 2023, "fp": "FY"}
YEAR_2022 = {"start": "2021-09-26", "end": "2022-09-24"}
YEAR_2023 = {"start": "2022-09-25", "end": "2023-09-30"}


def document(**concepts: dict[str, list[dict[str, Any]]]) -> bytes:
    """Return company facts of these concepts of us-gaap."""
    facts = {"us-gaap": {name: {"label": name, "units": units} for name, units in concepts.items()}}
    return json.dumps({"cik": 320193, "entityName": "Apple Inc.", "facts": facts}).encode()


REPORTS = document(
    NetIncomeLoss={
        "USD": [
            {**YEAR_2022, "val": 99_803, **FIRST},
            {**YEAR_2022, "val": 99_000, **AMENDED},
            {**YEAR_2022, "val": 98_500, **SECOND},
            {**YEAR_2023, "val": 96_995, **SECOND},
        ]
    },
    Assets={"USD": [{"end": "2022-09-24", "val": 352_755, **FIRST}]},
    EarningsPerShareBasic={"USD/shares": [{**YEAR_2022, "val": 6.15, **FIRST}]},
)


@pytest.fixture
async def commands(charts: Charts) -> FundamentalsCommands:
    """Give what takes reports, beside an instrument of everybody."""
    await charts.add("AAPL", Timeframe.D1, make_bars([0]))
    return FundamentalsCommands(
        database=charts.database, instruments=charts.queries.instrument_reader, filings=NoneFilings()
    )


async def income(charts: Charts, as_of: date | None, **more: Any) -> list[tuple[date, float]]:
    """Return the net incomes as known on a day."""
    asked: dict[str, Any] = {
        "tenant_id": charts.tenant,
        "symbol": "AAPL",
        "concepts": ("NetIncomeLoss",),
        "limit": 10,
        **more,
    }
    return [(fact.end, fact.value) for fact in await charts.queries.fundamentals(as_of=as_of, **asked)]


async def test_a_question_about_a_past_day_sees_only_what_was_filed_by_then(
    charts: Charts, commands: FundamentalsCommands
) -> None:
    report = await commands.import_report(SHARED_TENANT, REPORTS, symbol="aapl")
    assert (report.symbol, report.entity, report.facts, report.filings) == ("AAPL", "Apple Inc.", 6, 3)
    assert (report.changed, report.refused) == (6, 0)
    end_2022, end_2023 = date(2022, 9, 24), date(2023, 9, 30)
    assert await income(charts, date(2022, 10, 27)) == []
    assert await income(charts, date(2022, 10, 28)) == [(end_2022, 99_803)]
    assert await income(charts, date(2022, 12, 1)) == [(end_2022, 99_000)]
    assert await income(charts, date(2023, 11, 2)) == [(end_2022, 99_000)]
    newest = [(end_2023, 96_995), (end_2022, 98_500)]
    assert await income(charts, date(2023, 11, 3)) == newest
    assert await income(charts, None) == newest
    assert await income(charts, None, limit=1) == newest[:1]


async def test_a_figure_says_from_which_filing_it_is(charts: Charts, commands: FundamentalsCommands) -> None:
    await commands.import_report(SHARED_TENANT, REPORTS, symbol="AAPL")
    found = await charts.queries.fundamentals(
        tenant_id=charts.tenant,
        symbol="AAPL",
        concepts=("us-gaap:Assets", "earningspersharebasic"),
        as_of=None,
        limit=5,
    )
    assert [(fact.title, fact.unit, fact.start, fact.value) for fact in found] == [
        ("Earnings per share basic", "USD/shares", date(2021, 9, 26), 6.15),
        ("Assets", "USD", None, 352_755),
    ]
    assert {(fact.form, fact.filed, fact.accession, fact.fiscal_year, fact.fiscal_period) for fact in found} == {
        ("10-K", date(2022, 10, 28), "0001-22-1", 2022, "FY")
    }
    listed = await charts.queries.reported.list_concepts(charts.tenant, "AAPL", as_of=None)
    assert [(one.concept, one.periods, one.newest) for one in listed] == [
        ("us-gaap:Assets", 1, date(2022, 9, 24)),
        ("us-gaap:EarningsPerShareBasic", 1, date(2022, 9, 24)),
        ("us-gaap:NetIncomeLoss", 2, date(2023, 9, 30)),
    ]


async def test_the_same_file_again_changes_nothing_and_is_not_told(
    charts: Charts, commands: FundamentalsCommands
) -> None:
    actor = uuid4()
    await commands.import_report(charts.tenant, REPORTS, symbol="AAPL", actor_id=actor)
    again = await commands.import_report(charts.tenant, REPORTS, symbol="AAPL", actor_id=actor)
    assert (again.facts, again.changed) == (6, 0)
    corrected = document(Assets={"USD": [{"end": "2022-09-24", "val": 352_756, **FIRST}]})
    assert (await commands.import_report(charts.tenant, corrected, symbol="AAPL")).changed == 1
    told = [event for _, event, _ in await charts.database.pending(after=0, limit=100)]
    mine = [event for event in told if event.name == "charts.fundamentals_imported.v1"]
    assert [event.data["facts"] for event in mine] == [6, 1]
    assert (mine[0].actor_id, mine[0].data["first"], mine[0].data["last"]) == (actor, "2022-10-28", "2023-11-03")
    # The first report has other figures now; the later ones are as they were.
    assert await income(charts, None) == [(date(2023, 9, 30), 96_995), (date(2022, 9, 24), 98_500)]
    assert await income(charts, date(2022, 11, 1)) == []


async def test_an_organisation_sees_its_own_and_nobody_elses(charts: Charts, commands: FundamentalsCommands) -> None:
    own = document(NetIncomeLoss={"USD": [{**YEAR_2022, "val": 1, **FIRST}]})
    await commands.import_report(SHARED_TENANT, REPORTS, symbol="AAPL")
    await commands.import_report(charts.tenant, own, symbol="AAPL")
    assert await income(charts, None) == [(date(2022, 9, 24), 1)]
    assert len(await income(charts, None, tenant_id=uuid4())) == 2
    await charts.add("OWN", Timeframe.D1, make_bars([0]), tenant=charts.tenant)
    await commands.import_report(charts.tenant, own, symbol="OWN")
    with pytest.raises(InstrumentNotFoundError):
        await income(charts, None, tenant_id=uuid4(), symbol="OWN")
    with pytest.raises(InstrumentNotFoundError):
        await commands.import_report(uuid4(), own, symbol="OWN")


async def test_what_is_removed_takes_its_figures_along(charts: Charts, commands: FundamentalsCommands) -> None:
    await charts.add("OWN", Timeframe.D1, make_bars([0]), tenant=charts.tenant)
    await commands.import_report(charts.tenant, REPORTS, symbol="OWN")
    listing = ListingCommands(database=charts.database, time_series=charts.time_series)
    await listing.delete(charts.tenant, "OWN", actor_id=uuid4())
    await charts.add("OWN", Timeframe.D1, make_bars([0]), tenant=charts.tenant)
    assert await income(charts, None, symbol="OWN") == []
    await commands.import_report(charts.tenant, REPORTS, symbol="OWN")
    personal = ChartsPersonalData(charts.database, charts.time_series)
    await personal.erase_people(person_ids=(), organisation_ids=(charts.tenant,))
    await charts.add("OWN", Timeframe.D1, make_bars([0]), tenant=charts.tenant)
    assert await income(charts, None, symbol="OWN") == []


async def test_who_is_asked_for_filings_needs_the_cik(charts: Charts, commands: FundamentalsCommands) -> None:
    with pytest.raises(UnusableReportError, match="CIK of AAPL"):
        await commands.refresh(charts.tenant, "AAPL", actor_id=None)
    await charts.add("OWN", Timeframe.D1, make_bars([0]), tenant=charts.tenant)
    listing = ListingCommands(database=charts.database, time_series=charts.time_series)
    await listing.change(charts.tenant, "OWN", InstrumentChange(identifiers={"cik": "320193"}), actor_id=uuid4())
    with pytest.raises(FilingsOffError, match="OUTCRY_FILINGS"):
        await commands.refresh(charts.tenant, "OWN", actor_id=None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"val": "1"}, "not written as a figure"),
        ({"val": True}, "not written as a figure"),
        ({"val": float("nan")}, "no number"),
        ({"val": 1e19}, "no number"),
        ({"val": 10**400}, "not written as a figure"),
        ({"end": "2022-13-01"}, "not written as a figure"),
        ({"end": "0001-01-01", "start": None}, "period"),
        ({"start": "2022-09-25"}, "period"),
        ({"filed": "2022-09-01"}, "before its period was over"),
        ({"filed": None}, "not written as a figure"),
        ({"accn": "x" * 50}, "not written as a figure"),
        ({"accn": ["x"]}, "not written as a figure"),
    ],
)
def test_a_figure_that_cannot_be_is_told_and_the_others_are_taken(change: dict[str, Any], why: str) -> None:
    good = {**YEAR_2022, "val": 5, **FIRST}
    read = read_company_facts(document(Revenues={"USD": [good, good | change, good]}))
    assert (len(read.facts), read.problem_count) == (2, 1)
    assert why in read.problems[0]
    assert "number 2" in read.problems[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"open,high",
        b"{",
        b"[" * 100_000,
        b"{" + b'"a":{' * 100_000,
        b'{"facts": []}',
        b"\x00\x01",
        b"<xbrl/>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a><b></a>",
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
    ],
    ids=range(11),
)
async def test_what_is_no_report_is_refused_and_nothing_is_there(
    charts: Charts, commands: FundamentalsCommands, data: bytes
) -> None:
    with pytest.raises(UnusableReportError):
        await commands.import_report(charts.tenant, data, symbol="AAPL", filed=date(2023, 1, 1))
    assert await charts.queries.reported.list_concepts(charts.tenant, "AAPL", as_of=None) == ()


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"<{text}>".encode()))
def test_nothing_but_a_refusal_comes_of_any_bytes(data: bytes) -> None:
    for read in (read_company_facts, lambda some: read_instance(some, filed=date(2023, 1, 1))):
        with pytest.raises(UnusableReportError):
            read(data)


@pytest.mark.parametrize(
    ("concept", "title"),
    [
        ("us-gaap:NetIncomeLoss", "Net income loss"),
        ("us-gaap:IncomeTaxUSPercent2", "Income tax US percent 2"),
        ("dei:EntityPublicFloat", "Entity public float"),
    ],
)
def test_names_become_words(concept: str, title: str) -> None:
    assert to_words(concept) == title


@pytest.mark.skipif(not FILINGS.exists(), reason="the shared filings are not on this machine")
async def test_two_years_of_apple_as_filed(charts: Charts, commands: FundamentalsCommands) -> None:
    first = (FILINGS / "AAPL-10-K-2022-xbrl-instance.xml").read_bytes()
    second = (FILINGS / "AAPL-10-K-2023-xbrl-instance.xml").read_bytes()
    with pytest.raises(UnusableReportError, match="when it was filed") as refused:
        await commands.import_report(SHARED_TENANT, first)
    assert isinstance(refused.value, InvalidInputError)
    assert refused.value.errors[0]["field"] == "filed"
    report = await commands.import_report(SHARED_TENANT, first, filed=date(2022, 10, 28))
    assert (report.symbol, report.entity, report.facts, report.left_out) == ("AAPL", "Apple Inc.", 501, 603)
    await commands.import_report(SHARED_TENANT, second, filed=date(2023, 11, 3))
    million = 10**6
    # Consolidated statements of operations in the reports themselves.
    assert await income(charts, date(2023, 1, 1)) == [
        (date(2022, 9, 24), 99_803 * million),
        (date(2021, 9, 25), 94_680 * million),
        (date(2020, 9, 26), 57_411 * million),
    ]
    assert (await income(charts, None))[0] == (date(2023, 9, 30), 96_995 * million)
