"""Uploads of files to import, through a real server: their own limits, and a crash in their midst."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.running import PASSWORD, RunningServer

HEADER = "Date,Open,High,Low,Close,Volume\n"
MOST = 3_000_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that takes uploads of 3 MB, and holds 2 MB of bodies in memory."""
    settings = {"OUTCRY_EDGE_UPLOAD_BYTES": str(MOST), "OUTCRY_EDGE_BODIES_BYTES": "2000000"}
    running = RunningServer(tmp_path / "data", OUTCRY_SAMPLE_MARKET="false", **settings).start()
    yield running
    running.stop()


@contextlib.contextmanager
def signed_up(running: RunningServer) -> Iterator[httpx.Client]:
    """Make an account and give its client."""
    with httpx.Client(base_url=running.url + "/api/v1", timeout=30) as http:
        account = {"email": "a@example.com", "password": PASSWORD, "name": "A"}
        http.headers["authorization"] = f"Bearer {http.post('/auth/register', json=account).json()['access_token']}"
        yield http


def make_minutes(rows: int) -> str:
    """Minutes of a stock as CSV text."""
    times = (np.datetime64("2020-01-01T00:00") + np.arange(rows).astype("timedelta64[m]")).astype(str)
    return HEADER + "".join(f"{time},10,12,9,11,100\n" for time in times)


def wait_for(http: httpx.Client, import_id: str, *stages: str) -> Any:
    """Look until an import is at one of these stages or has ended."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = http.get(f"/imports/{import_id}").json()
        if found["stage"] in stages or found["finished_at"]:
            return found
    raise AssertionError("the import did not end")


def test_uploads_have_limits_of_their_own(server: RunningServer) -> None:
    with signed_up(server) as http:
        text = make_minutes(70_000)
        assert 2_000_000 < len(text) < MOST
        begun = http.post("/imports", files={"file": ("BTC-USD.csv", text)})
        assert begun.status_code == 202, begun.text
        done = wait_for(http, begun.json()["id"])
        assert (done["status"], done["files"][0]["changed"]) == ("done", 70_000)

        large = b"x" * (MOST + 1_000_000)
        told = http.post("/imports", files={"file": ("BTC-USD.csv", large)})
        assert (told.status_code, told.json()["code"]) == (413, "too_large")

        def parts() -> Iterator[bytes]:
            yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            for start in range(0, len(large), 100_000):
                yield large[start : start + 100_000]
            yield b"\r\n--b--\r\n"

        form = {"content-type": "multipart/form-data; boundary=b"}
        told = http.post("/imports", content=parts(), headers=form)
        assert (told.status_code, told.json()["code"]) == (413, "too_large")
        told = http.post("/rooms", content=b"x" * 1_500_000, headers={"content-type": "application/json"})
        assert told.status_code == 413
        keyed = http.post("/imports", files={"file": ("a.csv", "x")}, headers={"idempotency-key": "k"})
        assert keyed.status_code in (400, 422)
        assert len(http.get("/imports").json()["items"]) == 1
        del http.headers["authorization"]
        assert http.post("/imports", files={"file": ("a.csv", text)}).status_code == 401


@pytest.mark.fault
def test_a_kill_in_the_midst_leaves_all_of_a_file_or_nothing(tmp_path: Path) -> None:
    running = RunningServer(tmp_path / "data", OUTCRY_SAMPLE_MARKET="false").start()
    text = make_minutes(400_000)
    try:
        with signed_up(running) as http:
            begun = http.post("/imports", files={"file": ("BTC-USD.csv", text)}).json()
            with contextlib.suppress(httpx.HTTPError):
                wait_for(http, begun["id"], "writing")
            token = http.headers["authorization"]
        running.kill()
        running.start()
        with httpx.Client(base_url=running.url + "/api/v1", timeout=60, headers={"authorization": token}) as http:
            cut = http.get(f"/imports/{begun['id']}").json()
            assert cut["status"] in ("interrupted", "done")
            seen = http.get("/instruments/BTC-USD")
            counts = [one["count"] for one in seen.json()["series"]] if seen.status_code == 200 else []
            assert counts in ([], [400_000])
            assert not list((tmp_path / "data" / "imports").rglob("*.csv"))
            again = http.post("/imports", files={"file": ("BTC-USD.csv", text)}).json()
            done = wait_for(http, again["id"])
            assert (done["status"], done["files"][0]["status"]) == ("done", "imported")
            assert [one["count"] for one in http.get("/instruments/BTC-USD").json()["series"]] == [400_000]
    finally:
        running.stop()
