"""Make the pictures in docs/images from the running program: a fresh account asks a question, and looks around.

Starts ``outcry up`` on a free port with a data folder of its own, and drives the real pages in Chromium.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
QUESTION = "What is the 14-day RSI of AAPL, and how did it do against MSFT this year?"
READY = re.compile(r"ready on (http://\S+)")
TIMEOUT_MS = 30_000
# Fonts are there, and two frames were painted since.
SETTLED = """document.fonts.ready.then(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))))"""

UNDRAWN_CARD = "[data-testid=chart-card]:not(:has(svg[role=img]))"

WIDE = (1440, 900)
NARROW = (360, 740)


@dataclass(frozen=True)
class Shot:
    """One picture: of a page, at a size, in a colour scheme.

    It is taken when ``ready`` shows and an answer from an address with ``data`` in it has come.
    """

    name: str
    path: str
    ready: str
    data: str
    size: tuple[int, int] = WIDE
    scheme: Literal["light", "dark"] = "light"


@contextmanager
def running_server(data: Path) -> Iterator[str]:
    """Start the program and give its address; it ends with the block."""
    # Checkpoints soon: an entry can be proved when the next one is signed.
    own = {"HOST": "127.0.0.1", "PORT": "0", "OUTCRY_DATA": str(data), "OUTCRY_AUDIT_CHECKPOINT_EVERY_S": "1"}
    environment = os.environ | own
    command = [str(Path(sys.executable).with_name("outcry")), "up"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            address = next((found[1] for line in server.stdout or () if (found := READY.search(line))), None)
            if address is None:
                raise SystemExit("outcry up ended before it was ready; its reason is above")
            yield address.replace("127.0.0.1", "localhost")  # browsers make no passkeys for an IP address
        finally:
            server.terminate()


def find_chromium() -> str:
    """Return where Chromium is."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("Chromium is not installed: apt-get install chromium")


def sign_up(page: Page, name: str = "Robin Hale") -> None:
    """Fill in the page that makes an account."""
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(f"{name.split()[0].lower()}@hale.example")
    page.get_by_role("button", name="Use a password instead").click()
    page.locator("input[type=password]").first.fill("salt-lantern-orchard-42")
    page.locator("form button[type=submit]").click()


def ask(page: Page, question: str) -> None:
    """Ask the desk and wait for the whole answer: its figures are known when it is complete."""
    page.get_by_test_id("composer").fill(question)
    page.get_by_test_id("send").click()
    answer = page.get_by_test_id("message-assistant").last
    answer.get_by_test_id("figure").first.wait_for()
    answer.get_by_test_id("chart-card").locator("svg, canvas").first.wait_for()


def take(page: Page, shot: Shot, folder: Path) -> None:
    """Take one picture."""
    width, height = shot.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=shot.scheme, reduced_motion="reduce")
    with page.expect_response(lambda response: shot.data in response.url and response.ok):
        page.goto(shot.path)
    page.locator(f"{shot.ready} >> visible=true").first.wait_for()
    page.locator(UNDRAWN_CARD).first.wait_for(state="detached")
    page.evaluate(SETTLED)
    page.screenshot(path=folder / f"{shot.name}.png")
    print(f"{shot.name}.png")


def take_source(page: Page, room: str, folder: Path) -> None:
    """Take the picture of a figure's source, opened by a click."""
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(room)
    page.get_by_test_id("message-assistant").last.get_by_test_id("figure").first.click()
    page.get_by_test_id("source-panel").wait_for()
    page.screenshot(path=folder / "source-light.png")
    print("source-light.png")


def take_proof(page: Page, folder: Path) -> None:
    """Take the picture of an entry of the audit log that the browser proved: the oldest, which is in a checkpoint."""
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto("/organisation/audit")
    page.get_by_test_id("entries").get_by_role("button").last.click()
    proof = page.get_by_test_id("proof")
    proof.get_by_role("button", name="Prove this entry").click()
    proof.get_by_test_id("path").wait_for()
    proof.scroll_into_view_if_needed()
    page.evaluate(SETTLED)
    page.screenshot(path=folder / "audit-proof-light.png")
    print("audit-proof-light.png")


def shots(room: str) -> list[Shot]:
    """Return every picture that needs no click."""
    card = ("[data-testid=chart-card] svg", "/bars?")
    chart = ("[data-study=rsi-1] .value", "/indicators/rsi?")
    markets = ("main :text('AAPL')", "/quotes?")
    entries = ("[data-testid=entries] button", "/audit/entries")
    factors, plan = ("main :text('Authenticator app')", "/auth/factors"), ("[role=meter]", "/auth/organisation")
    return [
        Shot("desk-light", room, *card),
        Shot("desk-dark", room, *card, scheme="dark"),
        Shot("desk-narrow-light", room, *card, size=NARROW),
        Shot("desk-narrow-dark", room, *card, size=NARROW, scheme="dark"),
        Shot("chart-light", "/chart/AAPL", *chart),
        Shot("chart-dark", "/chart/AAPL", *chart, scheme="dark"),
        Shot("chart-narrow-light", "/chart/AAPL", *chart, size=NARROW),
        Shot("markets-light", "/markets", *markets),
        Shot("markets-dark", "/markets", *markets, scheme="dark"),
        Shot("markets-narrow-light", "/markets", *markets, size=NARROW),
        Shot("settings-light", "/settings/sign-in", *factors),
        Shot("settings-narrow-dark", "/settings/sign-in", *factors, size=NARROW, scheme="dark"),
        Shot("organisation-light", "/organisation/plan", *plan),
        Shot("organisation-narrow-dark", "/organisation/plan", *plan, size=NARROW, scheme="dark"),
        Shot("audit-light", "/organisation/audit", *entries),
        Shot("audit-narrow-dark", "/organisation/audit", *entries, size=NARROW, scheme="dark"),
    ]


def say(page: Page, text: str) -> None:
    """Post a message."""
    page.get_by_test_id("composer").fill(text)
    page.keyboard.press("Escape")  # what is offered to complete it
    page.get_by_test_id("send").click()
    page.locator("[data-state=posted]").last.wait_for()


def take_room(page: Page, other: Page, folder: Path) -> None:
    """Take the pictures of a room of two people and the desk, the second of whom joined by a link."""
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.goto("/rooms")
    page.get_by_test_id("new-room").click()
    dialog = page.get_by_test_id("new-room-dialog")
    dialog.get_by_text("Private room").click()
    dialog.get_by_label("Title", exact=True).fill("Morning call")
    dialog.get_by_role("button", name="Make the room").click()
    page.get_by_role("heading", name="Morning call").wait_for()
    page.get_by_test_id("members-button").click()
    page.get_by_role("button", name="Add the desk").click()
    page.get_by_label("guests from outside too").check()
    page.get_by_role("button", name="Make a link").click()
    other.goto(page.get_by_test_id("room-link").input_value())
    other.get_by_role("link", name="Create an account").click()
    sign_up(other, "Mia Stone")
    other.get_by_role("button", name="Join", exact=True).click()
    other.get_by_role("heading", name="Morning call").wait_for()
    say(page, "Good morning. $AAPL is what I look at today; $MSFT can wait.")
    say(other, "I would not chase it before the close.")
    ask(page, "@desk What is the 14-day RSI of AAPL?")
    say(other, "Thank you. Then I wait for 30.")
    page.get_by_text("Then I wait for 30.").first.wait_for()
    page.keyboard.press("Escape")
    other.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    other.emulate_media(color_scheme="dark", reduced_motion="reduce")
    for name, shown in (("room-light", page), ("room-narrow-dark", other)):
        shown.evaluate(SETTLED)
        shown.screenshot(path=folder / f"{name}.png")
        print(f"{name}.png")


def visit(browser: Browser, address: str) -> Page:
    """Open a browser of somebody's own."""
    context = browser.new_context(base_url=address, locale="en-GB", timezone_id="Europe/London")
    context.set_default_timeout(TIMEOUT_MS)
    return context.new_page()


def photograph(browser: Browser, address: str, folder: Path) -> None:
    """Walk through the program and take every picture."""
    page = visit(browser, address)
    take(page, Shot("sign-up-light", "/sign-up", "form", "/sign-up"), folder)
    take(page, Shot("sign-up-narrow-dark", "/sign-up", "form", "/sign-up", size=NARROW, scheme="dark"), folder)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.goto("/sign-up")
    sign_up(page)
    page.wait_for_url("**/c/*")
    ask(page, QUESTION)
    room = page.url
    for shot in shots(room):
        take(page, shot, folder)
    take_source(page, room, folder)
    take_proof(page, folder)
    take_room(page, visit(browser, address), folder)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where the pictures go")
    parser.add_argument("--server", help="the address of a running server with no account yet; else one is started")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its sandbox to root
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=sandbox)
        if options.server:
            photograph(browser, options.server, options.folder)
        else:
            with running_server(Path(data)) as address:
                photograph(browser, address, options.folder)
        browser.close()


if __name__ == "__main__":
    main()
