"""Instruments, bars, quotes and indicators as an organisation sees them."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import numpy as np
import pytest
import talib

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.facade import check_facade, loopback
from outcry.kit.market import Timeframe, from_micros, to_micros
from outcry.samples.market import load_sample_market, read_sample_batches, read_sample_instruments
from outcry.services.charts.contracts import SHARED_TENANT, ChartsFacade, Instrument
from outcry.services.charts.series import end_of, source_for
from tests.services.charts.conftest import DAY, Charts, make_bars

FRIDAY = to_micros(datetime(2026, 1, 2, tzinfo=UTC))


async def bars_of(charts: Charts, symbol: str, timeframe: Timeframe, **window: object) -> object:
    chosen = {"start": None, "end": None, "limit": 500, **window}
    return await charts.queries.bars(tenant_id=charts.tenant, symbol=symbol, timeframe=timeframe, **chosen)  # type: ignore[arg-type]  # start, end and limit


def test_the_facade_keeps_the_rules() -> None:
    check_facade(ChartsFacade)


async def test_bars_come_newest_last_with_more_and_closed(charts: Charts) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([FRIDAY - day * DAY for day in range(9, -1, -1)]))
    found = await charts.queries.bars(
        tenant_id=charts.tenant, symbol="aapl", timeframe=Timeframe.D1, start=None, end=None, limit=4
    )
    assert (found.symbol, len(found.time), found.time[-1], found.close[-1]) == ("AAPL", 4, FRIDAY // 1000, 110)
    assert (found.more, found.closed, found.adjusted_close) == (True, True, (None,) * 4)
    start, end = from_micros(FRIDAY - 2 * DAY), from_micros(FRIDAY)
    window = await charts.queries.bars(
        tenant_id=charts.tenant, symbol="AAPL", timeframe=Timeframe.D1, start=start, end=end, limit=9999
    )
    assert (len(window.time), window.more) == (2, True)
    every = await charts.queries.bars(
        tenant_id=charts.tenant, symbol="AAPL", timeframe=Timeframe.D1, start=None, end=None, limit=10
    )
    assert (len(every.time), every.more) == (10, False)
    # The clock stands at noon of Monday the fifth: the week and the month of that day go on.
    monday = await charts.queries.bars(
        tenant_id=charts.tenant, symbol="AAPL", timeframe=Timeframe.MN1, start=None, end=None, limit=10
    )
    assert [from_micros(1000 * time).day for time in monday.time] == [1, 1]
    assert not monday.closed


async def test_an_organisations_own_instrument_hides_the_shared_one(charts: Charts) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([FRIDAY]), name="Shared Apple")
    await charts.add("AAPL", Timeframe.D1, make_bars([FRIDAY], first=500), tenant=charts.tenant, name="Own Apple")
    await charts.add("SECRET", Timeframe.D1, make_bars([FRIDAY]), tenant=charts.tenant)
    stranger = uuid4()
    for tenant, price, count in ((charts.tenant, 501, 2), (stranger, 101, 1)):
        found = await charts.queries.bars(
            tenant_id=tenant, symbol="AAPL", timeframe=Timeframe.D1, start=None, end=None, limit=9
        )
        assert found.close == (price,)
        assert len(await charts.queries.search(tenant_id=tenant, query="", limit=9)) == count
        (quote,) = await charts.queries.quotes(tenant_id=tenant, symbols=("AAPL", "NOPE"))
        assert quote.price == price
    theirs: list[str] = []
    nobodys: list[str] = []
    for symbol, told in (("SECRET", theirs), ("NOTHING", nobodys)):
        with pytest.raises(NotFoundError) as caught:
            await charts.queries.get_instrument(tenant_id=stranger, symbol=symbol)
        told.append(caught.value.detail.replace(symbol, "X"))
    assert theirs == nobodys


async def test_search_ranks_symbol_alias_prefix_word(charts: Charts) -> None:
    await charts.commands.load_sample("s", "1", read_sample_instruments(), ())

    async def search(query: str, limit: int = 3) -> list[str]:
        return [one.symbol for one in await charts.queries.search(tenant_id=charts.tenant, query=query, limit=limit)]

    assert (await search("v"))[0] == "V"
    assert await search("APPLE") == ["AAPL"]
    assert (await search("s&p 500"))[0] == "SPX"
    assert await search("coca-cola") == ["KO"]
    assert await search("  jpmorgan   chase ") == ["JPM"]
    assert await search("morgan") == ["JPM"]
    assert await search("corporation microsoft") == ["MSFT"]
    assert (await search("goo"))[0] == "GOOG"
    assert await search("t") != []
    assert (await search("t"))[0] == "T"
    for nothing in ("%", "_", "\\", "zzz", "aapl' --", "|"):
        assert (await search(nothing) == []) == (nothing != "|"), nothing
    assert await search("", 2) == ["AAPL", "ABBV"]


async def test_pages_follow_each_other_without_gap_or_repeat(charts: Charts) -> None:
    await charts.commands.load_sample("s", "1", read_sample_instruments(), ())
    for query in ("", "co", "a"):
        whole = await charts.queries.search(tenant_id=charts.tenant, query=query, limit=200)
        paged: list[Instrument] = []
        cursor = None
        while True:
            page = await charts.queries.list_instruments(tenant_id=charts.tenant, query=query, cursor=cursor, limit=4)
            paged += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert tuple(paged) == whole
    with pytest.raises(InvalidInputError):
        await charts.queries.list_instruments(tenant_id=charts.tenant, query="", cursor="nonsense", limit=4)


def test_the_longest_stored_timeframe_that_divides_is_taken() -> None:
    assert source_for(Timeframe.D1, [Timeframe.M1, Timeframe.H1, Timeframe.W1]) is Timeframe.H1
    assert source_for(Timeframe.MN1, [Timeframe.D1, Timeframe.W1]) is Timeframe.D1
    assert source_for(Timeframe.W1, [Timeframe.W1, Timeframe.D1]) is Timeframe.W1
    for target, stored in ((Timeframe.M1, [Timeframe.D1]), (Timeframe.MN1, [Timeframe.W1]), (Timeframe.D1, [])):
        with pytest.raises(InvalidInputError, match="cannot be built"):
            source_for(target, stored)


def test_a_day_is_over_at_local_midnight() -> None:
    friday = datetime(2026, 1, 2, tzinfo=UTC)
    assert end_of(friday, Timeframe.D1, "America/New_York") == datetime(2026, 1, 3, 5, tzinfo=UTC)
    assert end_of(friday, Timeframe.H4, "America/New_York") == friday + timedelta(hours=4)
    assert end_of(datetime(2025, 12, 1, tzinfo=UTC), Timeframe.MN1, "UTC") == datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_quote_compares_with_the_session_before(charts: Charts) -> None:
    minute = 60_000_000
    friday = to_micros(datetime(2025, 12, 19, 14, 30, tzinfo=UTC))
    monday = to_micros(datetime(2025, 12, 22, 14, 30, tzinfo=UTC))
    bars = make_bars([friday, friday + minute, monday, monday + minute, monday + 2 * minute])
    await charts.add("SPY", Timeframe.M1, bars, zone="America/New_York")
    (quote,) = await charts.queries.quotes(tenant_id=charts.tenant, symbols=("spy",))
    assert (quote.open, quote.high, quote.low, quote.price, quote.volume) == (102, 106, 101, 105, 30)
    assert (quote.previous_close, quote.change, quote.timeframe) == (102, 3, Timeframe.M1)
    assert quote.change_percent == pytest.approx(100 * 3 / 102)
    assert quote.time == from_micros(monday + 2 * minute)
    # Daily bars that reach the same session speak for it.
    days = make_bars([friday // DAY * DAY, monday // DAY * DAY], first=200)
    await charts.add("SPY", Timeframe.D1, days, zone="America/New_York")
    (quote,) = await charts.queries.quotes(tenant_id=charts.tenant, symbols=("SPY",))
    assert (quote.price, quote.previous_close, quote.timeframe) == (202, 201, Timeframe.D1)
    await charts.add("ONE", Timeframe.D1, days.tail(1))
    (quote,) = await charts.queries.quotes(tenant_id=charts.tenant, symbols=("ONE",))
    assert (quote.previous_close, quote.change, quote.change_percent) == (None, None, None)


async def test_an_indicator_does_not_depend_on_the_window(charts: Charts) -> None:
    await load_sample_market(charts.commands)
    batch = next(one for one in read_sample_batches() if one.symbol == "AAPL")
    expected = talib.RSI(batch.bars.close, 14)
    found = await charts.queries.indicator(
        tenant_id=charts.tenant,
        symbol="AAPL",
        timeframe=Timeframe.D1,
        name="rsi",
        parameters={},
        start=datetime(2017, 8, 1, tzinfo=UTC),
        end=datetime(2017, 8, 31, tzinfo=UTC),
        limit=5,
    )
    assert len(found.time) == 5
    at = np.searchsorted(batch.bars.time, found.time[-1] * 1000)
    assert found.values["rsi"] == tuple(expected[at - 4 : at + 1])
    assert found.close == tuple(batch.bars.close[at - 4 : at + 1])
    assert (found.warm_up, found.parameters) == (14, {"period": 14.0})
    first = await charts.queries.indicator(
        tenant_id=charts.tenant,
        symbol="AAPL",
        timeframe=Timeframe.W1,
        name="macd",
        parameters={"fast": 3, "slow": 6, "signal": 2},
        start=None,
        end=None,
        limit=5000,
    )
    assert first.values["signal"][:6] == (None,) * 6
    assert first.values["signal"][6] is not None


async def test_the_sample_loads_once_and_again_when_the_store_lost_it(charts: Charts) -> None:
    written = await load_sample_market(charts.commands)
    assert written == sum(len(batch.bars) for batch in read_sample_batches())
    assert await load_sample_market(charts.commands) == 0
    for one in read_sample_instruments():
        await charts.time_series.delete(SHARED_TENANT, one.symbol)
    assert await load_sample_market(charts.commands) == written
    listed = await charts.queries.search(tenant_id=charts.tenant, query="", limit=200)
    assert len(listed) >= 20
    assert all(one.series and one.name for one in listed)
    spy = next(one for one in listed if one.symbol == "SPY")
    assert [stored.timeframe for stored in spy.series] == [Timeframe.M1]


async def test_windows_that_make_no_sense_are_named(charts: Charts) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([FRIDAY]))
    now = from_micros(FRIDAY)
    with pytest.raises(InvalidInputError, match="before end"):
        await bars_of(charts, "AAPL", Timeframe.D1, start=now, end=now)
    with pytest.raises(InvalidInputError, match="calendar"):
        await bars_of(charts, "AAPL", Timeframe.D1, end=datetime.max.replace(tzinfo=timezone(timedelta(hours=-10))))
    with pytest.raises(InvalidInputError, match="cannot be built"):
        await bars_of(charts, "AAPL", Timeframe.M5)
    for symbol in ("NOPE", "", "../../x", "A" * 500, "a'b"):
        with pytest.raises(NotFoundError):
            await bars_of(charts, symbol, Timeframe.D1)
    for window in ({"start": datetime(1, 1, 1)}, {"end": datetime(9999, 12, 31)}):  # noqa: DTZ001 - without a zone on purpose
        await bars_of(charts, "AAPL", Timeframe.D1, **window)


async def test_every_answer_survives_a_wire(charts: Charts) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([FRIDAY - DAY, FRIDAY]), aliases=("Apple",))
    far = loopback(ChartsFacade, charts.queries)
    near = charts.queries
    tenant = charts.tenant
    assert await far.search(tenant_id=tenant, query="apple", limit=5) == await near.search(
        tenant_id=tenant, query="apple", limit=5
    )
    assert await far.quotes(tenant_id=tenant, symbols=("AAPL",)) == await near.quotes(
        tenant_id=tenant, symbols=("AAPL",)
    )
    bars = await far.bars(tenant_id=tenant, symbol="AAPL", timeframe=Timeframe.D1, start=None, end=None, limit=5)
    assert bars == await bars_of(charts, "AAPL", Timeframe.D1)
    with pytest.raises(NotFoundError):
        await far.bars(tenant_id=tenant, symbol="X", timeframe=Timeframe.D1, start=None, end=None, limit=5)
