"""What the operator can read of counters."""

import httpx
from fastapi import FastAPI

from outcry.edge.counting import Counts
from outcry.edge.problems import install_problem_handlers
from outcry.kit.errors import ForbiddenError
from outcry.ports.challenges import Widget
from outcry.services.auth.errors import ChallengeRequiredError


def test_counters_that_others_keep_are_told_too() -> None:
    counts = Counts()
    kept = {"mail_server.calls": 1}
    counts.include("outside", lambda: kept)
    counts.add("too_large")
    kept["mail_server.calls"] = 2
    assert counts.all() == {"outside.mail_server.calls": 2, "too_large": 1}


async def test_challenges_that_a_service_asks_for_are_counted_and_tell_what_to_show() -> None:
    widget = Widget(provider="turnstile", site_key="key", script="https://c.example/api.js", origins=())
    app, counts = FastAPI(), Counts()
    app.state.counts = counts
    install_problem_handlers(app)

    @app.post("/sign-in")
    async def sign_in() -> None:
        raise ChallengeRequiredError(widget=widget)

    @app.post("/other")
    async def other() -> None:
        raise ForbiddenError()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example") as http:
        asked = await http.post("/sign-in")
        await http.post("/other")
    assert counts.all() == {"challenge_required": 1}
    assert (asked.status_code, asked.headers["content-type"]) == (403, "application/problem+json")
    shown = {"provider": "turnstile", "site_key": "key", "script": "https://c.example/api.js"}
    assert asked.json()["challenge"] == shown
