"""How soon the chart page draws 5,000 bars with three indicators, and how many frames a second it keeps while one pans.

Drawn is the end of the last frame in which a canvas was painted, counted from the last answer's last byte. The peer is
the chart library alone on an empty page, with as many bars and three indicators that it computes itself.
Run: ``.venv/bin/python -m benchmarks.chart_page [--short]``. It needs Chromium and the built pages (``make web``).
"""

import argparse
import asyncio
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright

from benchmarks.import_bars import make_files
from benchmarks.reporting import percentile, print_table
from tests.browser.accounts import sign_in
from tests.running import ROOT, Client, RunningServer

BARS = 5_000
DRAWN_MS = 300
FRAMES = 50
# As often a mouse tells where it is.
MOUSE_S = 1 / 125
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SIZE: ViewportSize = {"width": 1440, "height": 900}
LIBRARY = ROOT / "web" / "node_modules" / "klinecharts" / "dist" / "umd" / "klinecharts.min.js"
STUDIES = [
    {"id": "sma-1", "name": "sma", "parameters": {"period": 20}},
    {"id": "rsi-1", "name": "rsi", "parameters": {"period": 14}},
    {"id": "macd-1", "name": "macd", "parameters": {"fast": 12, "slow": 26, "signal": 9}},
]

# Notes when each frame that painted a canvas ended, and every frame while asked.
WATCH = """
const clear = CanvasRenderingContext2D.prototype.clearRect;
window.painted = 0;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { window.painted = performance.now(); };
    channel.port2.postMessage(null);
    return clear.apply(this, box);
};
window.countFrames = (forMs) => new Promise((done) => {
    const times = [];
    const frame = (now) => {
        times.push(now);
        if (now - times[0] < forMs) requestAnimationFrame(frame); else done(times);
    };
    requestAnimationFrame(frame);
});
"""
CAME = """() => Math.max(...performance.getEntriesByType('resource')
    .filter((each) => /\\/(bars|indicators)[/?]/.test(each.name)).map((each) => each.responseEnd))"""
ALONE = """(count) => new Promise((done) => {
    const host = document.createElement('div');
    host.style.cssText = 'width: 1100px; height: 780px';
    document.body.append(host);
    const chart = klinecharts.init(host);
    for (const name of ['RSI', 'MACD']) chart.createIndicator(name);
    chart.createIndicator({ name: 'MA', paneId: 'candle_pane', calcParams: [20] }, true);
    let price = 100;
    const bars = Array.from({ length: count }, (_, index) => {
        const open = price;
        price *= 1 + Math.sin(index * 12.9898) / 500;
        const [high, low] = [Math.max(open, price) + 0.1, Math.min(open, price) - 0.1];
        return { timestamp: index * 60000, open, high, low, close: price, volume: 1000 };
    });
    const came = performance.now();
    chart.setSymbol({ ticker: 'X' });
    chart.setPeriod({ type: 'minute', span: 1 });
    chart.setDataLoader({ getBars: ({ callback }) => callback(bars) });
    setTimeout(() => done(window.painted - came), 1500);
})"""


async def ask_for_all(route: Route) -> None:
    """Let the page begin with all the bars, not with as many as it first asks for."""
    await route.continue_(url=route.request.url.replace("limit=800", f"limit={BARS}"))


async def open_chart(page: Page) -> float:
    """Open the chart; return milliseconds from the last answer to the last painted frame."""
    await page.goto("/chart/BENCH?timeframe=1m")
    await page.locator(f"[data-testid=full-chart][data-bars='{BARS}']").wait_for()
    await page.locator("[data-study=macd-1] .value").nth(2).wait_for()
    # Nothing tells that nothing more will be painted: painting goes on if it was not done.
    await page.wait_for_timeout(1500)
    return float(await page.evaluate("window.painted")) - float(await page.evaluate(CAME))


async def pan(page: Page, seconds: float) -> list[float]:
    """Drag the chart to and fro; return the milliseconds that each frame took."""
    box = await page.get_by_test_id("full-chart").bounding_box()
    assert box
    y = box["y"] + 250
    counting = asyncio.ensure_future(page.evaluate(f"window.countFrames({seconds * 1000})"))
    loop = asyncio.get_running_loop()
    ends, step, x = loop.time() + seconds, 14, box["x"] + 300
    await page.mouse.move(x, y)
    await page.mouse.down()
    while loop.time() < ends:
        if not box["x"] + 100 < x + step < box["x"] + 900:
            step = -step
        x += step
        await page.mouse.move(x, y)
        await asyncio.sleep(MOUSE_S)
    await page.mouse.up()
    times: list[float] = await counting
    return [after - before for before, after in itertools.pairwise(times)]


async def alone(browser: Browser) -> float:
    """Return milliseconds until the library alone has painted as much."""
    page = await browser.new_page(viewport=SIZE)
    await page.evaluate(WATCH)
    await page.add_script_tag(path=str(LIBRARY))
    taken = float(await page.evaluate(ALONE, BARS))
    await page.close()
    return taken


async def measure(url: str, chromium: str, runs: int, seconds: float) -> bool:
    """Measure and print; return whether the limits hold."""
    client = await Client(url).sign_up()
    replay = await client.call("GET", "/replay")
    await client.call("PUT", "/replay", {"running": False, "speed": replay["speed"]})
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = await browser.new_page(viewport=SIZE, base_url=url)
        person = client.me["person"]
        await page.add_init_script(WATCH)
        key = f"outcry.{person['id']}.chart.studies"
        await page.add_init_script(f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(STUDIES))})")
        await sign_in(page, person["email"])
        await page.get_by_test_id("sign-out").wait_for()
        await page.route("**/bars?*", ask_for_all)
        drawn, peer = [], []
        for _ in range(runs):
            drawn.append(await open_chart(page))
            peer.append(await alone(browser))
        await page.bring_to_front()
        near = await pan(page, seconds)
        for _ in range(12):
            await page.keyboard.press("-")
        await page.wait_for_timeout(500)
        far = await pan(page, seconds)
        await browser.close()
    await client.close()
    head = ["ms from the last answer to the last painted frame", "median", "p95"]
    rows = [
        [name, f"{statistics.median(values):.0f}", f"{percentile(values, 0.95):.0f}"]
        for name, values in (("the chart page", drawn), ("the library alone (peer)", peer))
    ]
    print_table(f"{BARS} bars, three indicators, {runs} times", head, rows)
    frames = [["about 110 bars in view", near], ["about 1,000 bars in view", far]]
    rows = [
        [str(name), f"{len(took) * 1000 / sum(took):.1f}", f"{percentile(took, 0.95):.1f}", f"{max(took):.0f}"]
        for name, took in frames
        if isinstance(took, list)
    ]
    print_table(f"Panning for {seconds:.0f} s", ["what", "frames a second", "p95 ms a frame", "longest ms"], rows)
    slowest = min(len(took) * 1000 / sum(took) for _, took in frames if isinstance(took, list))
    return statistics.median(drawn) < DRAWN_MS and slowest >= FRAMES


def main() -> int:
    """Measure, print, and fail over the limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="3 times and 3 seconds instead of 15 and 10")
    short = parser.parse_args().short
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("Chromium is not installed: apt-get install chromium")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder) / "data")
        server.start().stop()
        path = make_files(Path(folder), BARS)["CSV"]
        command = [sys.executable, "-m", "outcry", "import", str(path), "--timezone", "UTC"]
        subprocess.run(
            command, check=True, env={**os.environ, "OUTCRY_DATA": str(server.data)}, stdout=subprocess.DEVNULL
        )
        server.start()
        try:
            fine = asyncio.run(measure(server.url, chromium, *((3, 3.0) if short else (15, 10.0))))
        finally:
            server.stop()
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
