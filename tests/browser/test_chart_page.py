"""The chart page in a browser: kinds, scales, comparing, indicators, going to a date, and playing the past."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, join, new_address, visit
from tests.browser.charts import open_chart, place
from tests.browser.test_narrow import fits
from tests.running import Client, RunningServer

FORMULA = "rsi(14) crosses_above 50 and close > sma(50)"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose market stands still for everybody who joins it."""
    running = RunningServer(tmp_path_factory.mktemp("data"), OUTCRY_CHARTS_REPLAY_RUNNING="false").start()
    yield running
    running.stop()


@pytest.fixture
async def page(browser: Browser, still: RunningServer) -> AsyncIterator[Page]:
    """The page of somebody who has just signed in; nothing may be said on its console."""
    async with visit(browser, still) as page:
        await join(page, still, new_address())
        yield page


async def real_times(still: RunningServer) -> list[int]:
    """Return the opens of AAPL's days as the server has them."""
    client = await Client(still.url).sign_up()
    bars = await client.call("GET", "/instruments/AAPL/bars?timeframe=1d&limit=5000")
    await client.close()
    times: list[int] = bars["time"]
    return times


async def test_kinds_scales_and_comparing_are_remembered_or_not_as_they_should(page: Page) -> None:
    chart = await open_chart(page)
    close = await chart.get_attribute("data-last-close")
    await page.get_by_test_id("chart-kind").click()
    await page.locator("[data-kind=heikin_ashi]").last.click()
    await expect(chart).to_have_attribute("data-kind", "heikin_ashi")
    await expect(page.get_by_test_id("bar-legend")).to_contain_text("not the prices paid")
    # What the page says of the newest bar is what was paid, however it is drawn.
    await expect(chart).to_have_attribute("data-last-close", close or "")
    await page.get_by_test_id("chart-settings").click()
    await page.get_by_label("Logarithmic").check()
    await page.locator("[data-setting=gaps]").check()
    await page.keyboard.press("Escape")
    await page.get_by_test_id("compare").click()
    await page.keyboard.type("msft")
    await page.locator("[data-compare=MSFT]").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("compared")).to_contain_text("%")
    await page.get_by_test_id("chart-settings").click()
    await expect(page.get_by_label("Percent")).to_be_checked()
    await page.keyboard.press("Escape")

    await open_chart(page)
    await expect(chart).to_have_attribute("data-kind", "heikin_ashi")
    await expect(page.get_by_test_id("compared")).to_be_hidden()
    await page.get_by_test_id("chart-settings").click()
    await expect(page.get_by_label("Logarithmic")).to_be_checked()


async def test_prices_bricks_the_profile_and_panes_are_kept_in_a_layout(page: Page) -> None:
    chart = await open_chart(page)
    await page.get_by_test_id("chart-kind").click()
    await page.locator("[data-kind=renko]").last.click()
    legend = page.get_by_test_id("bar-legend")
    await expect(legend).to_contain_text("bricks of 2")
    by_itself = int(await chart.get_attribute("data-bars") or 0)
    await page.get_by_test_id("chart-settings").click()
    box = page.get_by_test_id("renko-box")
    for wrong in ("0", "-3", "high"):
        await box.fill(wrong)
        await box.press("Tab")
        await expect(box).to_have_value("")
    await box.fill("4")
    await box.press("Tab")
    await expect(legend).to_contain_text("bricks of 4")
    assert 0 < int(await chart.get_attribute("data-bars") or 0) < by_itself
    async with page.expect_response(lambda answer: "/volume-profile?" in answer.url and answer.ok) as asked:
        await page.locator("[data-setting=profile]").check()
        await page.clock.run_for(500)
    assert len((await (await asked.value).json())["edges"]) == 49
    async with page.expect_response(lambda answer: "adjustment=all" in answer.url and "/bars?" in answer.url):
        await page.locator("[data-adjustment=all]").check()
    await expect(legend).to_contain_text("Splits and dividends taken out")
    await page.keyboard.press("Escape")
    study = page.locator("[data-study=rsi-1]")
    await study.hover()
    await study.get_by_role("button", name="Fold").click()
    await page.get_by_test_id("layouts").click()
    await page.get_by_role("textbox", name="Name").fill("Bricks")
    await page.get_by_role("button", name="Keep", exact=True).click()
    await expect(page.get_by_role("button", name="Charts open with Bricks")).to_be_visible()
    await page.keyboard.press("Escape")

    await study.hover()
    await study.get_by_role("button", name="Unfold").click()
    await page.get_by_test_id("chart-settings").click()
    await page.locator("[data-adjustment=splits]").check()
    await page.locator("[data-setting=profile]").uncheck()
    await page.keyboard.press("Escape")
    await page.get_by_test_id("layouts").click()
    await page.get_by_role("dialog", name="Layouts and templates").get_by_text("Bricks", exact=True).click()
    await expect(legend).to_contain_text("bricks of 4, Splits and dividends taken out")
    await study.hover()
    await expect(study.get_by_role("button", name="Unfold")).to_be_visible()


async def test_of_a_formula_that_never_held_it_is_said_what_was_missing(page: Page) -> None:
    await open_chart(page)
    await page.get_by_test_id("formula-toggle").click()
    await page.get_by_test_id("formula").fill("close > sma(20) and volume < 0")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("formula-hits")).to_have_text("0 hits")
    await expect(page.get_by_test_id("formula-lacking")).to_contain_text("All the others held without volume < 0")


async def test_an_indicator_is_found_put_on_set_hidden_and_taken_off_by_keyboard(page: Page) -> None:
    await open_chart(page)
    await page.get_by_test_id("indicators").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("macd")
    await page.keyboard.press("Enter")
    dialog = page.get_by_test_id("indicators-dialog")
    await expect(dialog).to_contain_text("Source: Gerald Appel")
    fast = dialog.get_by_label("Fast")
    await fast.fill("0")
    await fast.press("Tab")
    await fast.fill("10")
    await fast.press("Tab")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    study = page.locator("[data-study=macd-1]")
    await expect(study).to_contain_text("MACD (10, 26, 9)")
    await expect(study.locator(".value").first).not_to_contain_text("–")
    await study.hover()
    await study.get_by_role("button", name="Hide").click()
    await expect(study.get_by_role("button", name="Show")).to_be_visible()
    await study.get_by_role("button", name="Remove").click()
    await expect(study).to_be_hidden()


async def test_a_bar_replay_shows_nothing_of_what_came_later(page: Page, still: RunningServer) -> None:
    times = await real_times(still)
    chart = await open_chart(page)
    await page.get_by_test_id("bar-replay-toggle").click()
    await place(page, chart, (0.4, 0.3))
    replay = page.get_by_test_id("bar-replay")
    cut = int(await replay.get_attribute("data-cut") or 0)
    assert cut in times[:-10]
    await expect(chart).to_have_attribute("data-last-time", str(cut))
    price = await page.get_by_test_id("last-price").text_content()
    for key, place_from_cut in ((".", 1), (".", 2), (",", 1)):
        await page.keyboard.press(key)
        await expect(chart).to_have_attribute("data-last-time", str(times[times.index(cut) + place_from_cut]))
    assert await page.get_by_test_id("last-price").text_content() != price
    await page.get_by_label("Bars a second").select_option("20")
    await page.get_by_test_id("bar-replay-play").click()
    await expect(replay).to_contain_text("newest bar", timeout=20_000)
    await page.get_by_test_id("bar-replay-end").click()
    await expect(replay).to_be_hidden()
    await expect(chart).to_have_attribute("data-last-time", str(times[-1]))


async def test_one_goes_to_a_date_and_finds_another_instrument_by_keys(page: Page, still: RunningServer) -> None:
    times = await real_times(still)
    chart = await open_chart(page)
    before = int(await chart.get_attribute("data-bars") or 0)
    await page.get_by_test_id("go-to-date").click()
    await page.get_by_role("textbox", name="Date").fill("2013-01-02")
    await page.keyboard.press("Enter")
    await expect(chart).to_have_attribute("data-bars", str(len(times)))
    assert before < len(times)
    for key in ("ArrowLeft", "Shift+ArrowRight", "+", "-", "PageUp", "End"):
        await page.keyboard.press(key)
    await page.keyboard.press("/")
    await page.keyboard.type("MSFT")
    await expect(page.get_by_role("option").filter(has_text="MSFT").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(chart).to_have_attribute("data-symbol", "MSFT")


async def test_a_formula_is_typed_its_hits_are_marked_listed_and_explained(page: Page, still: RunningServer) -> None:
    client = await Client(still.url).sign_up()
    body = {"text": FORMULA, "timeframe": "1d", "limit": 5000}
    hits = (await client.call("POST", "/instruments/AAPL/formulas/evaluate", body))["hits"]
    await client.close()
    assert hits
    chart = await open_chart(page)
    await page.get_by_test_id("formula-toggle").click()
    await page.get_by_test_id("formula").fill(FORMULA)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("formula-hits")).to_have_text(f"{len(hits)} hits")
    await page.get_by_test_id("formula-explain").click()
    why = page.get_by_test_id("formula-why")
    await expect(why).to_contain_text(f"{FORMULA} no")

    # The list leads to a hit: under the crosshair in the middle of the view it says why.
    await page.get_by_test_id("formula-hits").click()
    await page.get_by_role("dialog", name="List of hits").get_by_role("button").last.click()
    box = await chart.bounding_box()
    assert box
    for step in range(-20, 20):
        await page.mouse.move(box["x"] + 0.5 * box["width"] + 5 * step, box["y"] + 200)
        if await page.locator(".mark", has_text="Hit:").is_visible():
            break
    await expect(why).to_have_attribute("data-at", str(hits[0]))
    await expect(why).to_contain_text(f"{FORMULA} yes")


async def test_the_chart_fits_a_phone_with_its_menus(browser: Browser, still: RunningServer) -> None:
    async with visit(browser, still, **PHONE) as page:
        await join(page, still, new_address())
        await open_chart(page)
        await fits(page)
        for menu in ("chart-kind", "compare", "go-to-date", "chart-settings"):
            await page.get_by_test_id(menu).click()
            await fits(page)
            await page.keyboard.press("Escape")
        await page.get_by_test_id("indicators").click()
        await page.locator("[data-indicator=rsi]").click()
        await expect(page.get_by_role("button", name="Put on the chart")).to_be_visible()
        await fits(page)
