"""Facts of instruments: what is assumed at an import, what people change, and what goes with an instrument."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Timeframe, to_micros
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.errors import InstrumentNotFoundError, SharedInstrumentError
from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import ImportOptions
from outcry.services.charts.listing.api import InstrumentInput
from outcry.services.charts.listing.commands import InstrumentChange, ListingCommands
from outcry.services.charts.listing.facts import ASSET_CLASSES, assume
from outcry.services.charts.listing.sessions import UnknownCalendarError, is_calendar, session_days, session_hours
from tests.services.charts.bar_files import HEADER, ROW, write
from tests.services.charts.conftest import DAY, Charts, make_bars

NEWEST = to_micros(datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("symbol", "kind", "calendar", "zone", "currency"),
    [
        ("AAPL", "stock", "XNYS", "America/New_York", "USD"),
        ("BRK.B", "stock", "XNYS", "America/New_York", "USD"),
        ("VOD.L", "stock", "XLON", "Europe/London", "GBP"),
        ("SAP.DE", "stock", "XETR", "Europe/Berlin", "EUR"),
        ("7203.T", "stock", "XTKS", "Asia/Tokyo", "JPY"),
        ("BTC-USD", "crypto", "24/7", "UTC", "USD"),
        ("ETH-BTC", "crypto", "24/7", "UTC", "BTC"),
        ("EUR-USD", "fx", "24/5", "UTC", "USD"),
        ("EURUSD=X", "fx", "24/5", "UTC", "USD"),
        ("^GSPC", "index", "XNYS", "America/New_York", "USD"),
        ("SPY", "fund", "XNYS", "America/New_York", "USD"),
    ],
)
def test_a_symbol_tells_the_likely_facts(symbol: str, kind: str, calendar: str, zone: str, currency: str) -> None:
    facts = assume(symbol)
    assert (facts.kind, facts.calendar, facts.zone, facts.currency) == (kind, calendar, zone, currency)
    assert is_calendar(facts.calendar)
    assert f"PATCH /api/v1/instruments/{symbol}" in facts.sentence(symbol, shared=False)
    assert "PATCH" not in facts.sentence(symbol, shared=True)


@given(symbol=st.text(alphabet="ABCDEFUSDEUR.-_=^0123456789", min_size=1, max_size=12))
def test_any_symbol_gets_facts_that_hold(symbol: str) -> None:
    facts = assume(symbol)
    assert facts.kind in ASSET_CLASSES
    assert facts.zone


def test_ticks_of_pairs_come_from_their_prices() -> None:
    assert assume("EURUSD", prices=np.array([1.1, 1.12345, 1.2])).tick_size == pytest.approx(1e-5)
    assert assume("BTC-USD", prices=np.array([100.0, 200.0])).tick_size == 1
    assert assume("BTC-USD", prices=np.array([1 / 3])).tick_size is None
    assert assume("AAPL", prices=np.array([1 / 3])).tick_size == 0.01


def test_calendars_know_holidays_hours_and_their_own_names() -> None:
    days = session_days("XNYS", date(2020, 12, 24), date(2020, 12, 28))
    assert [str(day) for day in days.astype("datetime64[us]").astype("datetime64[D]")] == ["2020-12-24", "2020-12-28"]
    opens, closes = session_hours("XNYS", date(2020, 12, 24), date(2020, 12, 28))
    # The 24th ends early, at one in the afternoon in New York.
    assert ((closes - opens) / 3_600_000_000).tolist() == [3.5, 6.5]
    assert len(session_days("24/7", date(2020, 12, 24), date(2020, 12, 28))) == 5
    assert (session_hours("24/7", date(2020, 12, 24), date(2020, 12, 24))[1] % DAY).tolist() == [0]
    # Before the calendars begin, weekdays count.
    assert len(session_days("XNYS", date(1950, 1, 2), date(1950, 1, 8))) == 5
    assert not is_calendar("NOWHERE")
    with pytest.raises(UnknownCalendarError):
        session_days("NOWHERE", date(2020, 1, 1), date(2020, 1, 2))


async def test_an_import_says_what_it_assumed_once(charts: Charts, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW, "VOD.L.csv")
    options = ImportOptions(tenant_id=charts.tenant, symbol="VOD.L")
    (first,) = await import_files(charts.commands, [path], options, lambda _: None)
    (again,) = await import_files(charts.commands, [path], options, lambda _: None)
    assert [note for note in first.notes if "VOD.L is new" in note and "XLON" in note]
    assert not [note for note in again.notes if "is new" in note]
    found = await charts.queries.get_instrument(tenant_id=charts.tenant, symbol="VOD.L")
    assert (found.kind, found.calendar, found.zone, found.tick_size, found.lot_size, found.shared) == (
        *("stock", "XLON", "Europe/London", 0.01, 1.0),
        False,
    )


@pytest.fixture
def listing(charts: Charts) -> ListingCommands:
    """What changes and removes instruments."""
    return ListingCommands(database=charts.database, time_series=charts.time_series)


async def test_a_change_is_seen_found_and_told(charts: Charts, listing: ListingCommands) -> None:
    await charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=charts.tenant)
    change = InstrumentInput.model_validate(
        {
            "name": " Own\nInc. ",
            "kind": "fund",
            "calendar": "NASDAQ",
            "tick_size": 0.05,
            "identifiers": {"cik": "0000320193"},
            "active_from": "2001-02-03",
            "aliases": ["Mine"],
        }
    ).to_change()
    await listing.change(charts.tenant, "own", change, actor_id=uuid4())
    found = await charts.queries.get_instrument(tenant_id=charts.tenant, symbol="OWN")
    assert (found.name, found.kind, found.calendar, found.tick_size, found.zone) == (
        *("Own Inc.", "fund", "NASDAQ", 0.05),
        "UTC",
    )
    assert (found.identifiers, found.active_from, found.active_until) == ({"cik": "0000320193"}, date(2001, 2, 3), None)
    assert [one.symbol for one in await charts.queries.search(tenant_id=charts.tenant, query="mine", limit=5)] == [
        "OWN"
    ]
    await listing.change(charts.tenant, "OWN", change, actor_id=uuid4())
    events = [envelope for _, envelope, _ in await charts.database.pending(after=0, limit=10)]
    told = [event for event in events if event.name == "charts.instrument_changed.v1"]
    assert len(told) == 1
    assert told[0].data["after"]["identifiers"] == "cik 0000320193"
    assert (told[0].data["before"]["kind"], told[0].data["after"]["kind"]) == ("stock", "fund")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (InstrumentChange(zone="Mars/Phobos"), "zone"),
        (InstrumentChange(zone="../etc/passwd"), "zone"),
        (InstrumentChange(calendar="NOWHERE"), "calendar"),
        (InstrumentChange(kind="pony"), "kind"),
        (InstrumentChange(tick_size=0.0), "tick_size"),
        (InstrumentChange(name=" \n "), "name"),
        (InstrumentChange(identifiers={"passport": "1"}), "identifiers"),
        (InstrumentChange(active_from=date(2020, 1, 2), active_until=date(2020, 1, 1)), "active_until"),
    ],
)
async def test_a_wrong_fact_names_its_field(
    charts: Charts, listing: ListingCommands, change: InstrumentChange, field: str
) -> None:
    await charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=charts.tenant)
    with pytest.raises(InvalidInputError) as caught:
        await listing.change(charts.tenant, "OWN", change, actor_id=uuid4())
    assert [error["field"] for error in caught.value.errors] == [field]


def test_a_body_holds_no_unknown_field_and_no_infinite_step() -> None:
    for body in ({"pony": 1}, {"tick_size": float("inf")}, {"tick_size": -1}, {"kind": "pony"}, {"name": ""}):
        with pytest.raises(ValidationError):
            InstrumentInput.model_validate(body)


async def test_only_ones_own_instruments_can_be_changed_or_removed(charts: Charts, listing: ListingCommands) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST]), tenant=SHARED_TENANT)
    await charts.add("THEIRS", Timeframe.D1, make_bars([NEWEST]), tenant=uuid4())
    for symbol, error in (("AAPL", SharedInstrumentError), ("THEIRS", InstrumentNotFoundError)):
        with pytest.raises(error):
            await listing.change(charts.tenant, symbol, InstrumentChange(name="x"), actor_id=uuid4())
        with pytest.raises(error):
            await listing.delete(charts.tenant, symbol, actor_id=uuid4())
    assert (await charts.queries.get_instrument(tenant_id=charts.tenant, symbol="AAPL")).shared


async def test_removing_takes_the_bars_along_and_shows_the_shared_one_again(
    charts: Charts, listing: ListingCommands
) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST - DAY, NEWEST]), tenant=charts.tenant)
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST]), tenant=SHARED_TENANT)
    await listing.delete(charts.tenant, "AAPL", actor_id=uuid4())
    assert await charts.time_series.coverage(charts.tenant) == ()
    found = await charts.queries.get_instrument(tenant_id=charts.tenant, symbol="AAPL")
    assert (found.shared, found.series[0].count) == (True, 1)
    events = [envelope for _, envelope, _ in await charts.database.pending(after=0, limit=10)]
    assert [(event.name, event.data["bars"]) for event in events if "deleted" in event.name] == [
        ("charts.instrument_deleted.v1", 2)
    ]
