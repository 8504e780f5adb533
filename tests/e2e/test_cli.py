"""The command line as an operator meets it: what can be mended is one clear line."""

import json
import os
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.running import ROOT, RunningServer

SAMPLE = """Date,Open,High,Low,Close,Volume
2020-01-02,10,12,9,11,1000
2020-01-03,11,13,10,12,1100
2020-01-06,12,14,11,13,1200
"""


def outcry(data: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the command line to its end."""
    assert RunningServer.nursery
    environment = {**os.environ, "OUTCRY_DATA": str(data), "COLUMNS": "200", **environment}
    return RunningServer.nursery.run(*arguments, environment=environment)


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    """Assert that a command failed with one line, and return it."""
    assert done.returncode != 0
    said = (done.stdout + done.stderr).strip()
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said
    return said


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = one_line(outcry(tmp_path / "data", "up", PORT=port))
    assert f"127.0.0.1:{port} is already in use" in said
    assert "PORT" in said


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("OUTCRY_DATABASE", "oracle://x", "postgresql:, sqlite:"),
        ("OUTCRY_TIME_SERIES", "influx:", "duckdb:"),
        ("OUTCRY_CACHE", "memory", "memory:"),
        ("PORT", "70000", "PORT"),
        ("PORT", "http", "PORT"),
        ("HOST", "256.1.1.1", "256.1.1.1"),
        ("OUTCRY_DATA", "/proc/nothing/here", "/proc/nothing/here"),
        ("OUTCRY_DATABASE", "postgresql://nobody@127.0.0.1:1/x", "OUTCRY_DATABASE"),
        ("OUTCRY_MAIL", "smtp://mail.example.com", "OUTCRY_MAIL: it needs ?from="),
        ("OUTCRY_AUTH_OIDC", "google", 'for field "oidc": it has to be JSON'),
        ("OUTCRY_AUTH_OIDC", '[{"name": "A"}]', "OUTCRY_AUTH_OIDC: 0.name: "),
        ("OUTCRY_AUTH_OIDC", '[{"name": "a", "issuer": "https://a.example", "client_id": "a"}]', "named oidc-a"),
        ("OUTCRY_AUTH_ACCESS_MINUTES", "no", "OUTCRY_AUTH_ACCESS_MINUTES: "),
        ("OUTCRY_SECRETS", "vault://vault.example.com/secret", "VAULT_TOKEN"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_says_what_is_valid(
    tmp_path: Path, name: str, value: str, expected: str
) -> None:
    environment = {"PORT": "0", name: value}
    said = one_line(outcry(tmp_path / "data", "up", **environment))
    assert expected in said


def test_a_vault_that_is_absent_stops_the_start_in_a_line(tmp_path: Path) -> None:
    address = "vault://127.0.0.1:1/secret?tls=none"
    said = one_line(outcry(tmp_path / "data", "up", PORT="0", OUTCRY_SECRETS=address, VAULT_TOKEN="t"))
    assert "Vault cannot be reached" in said


def test_a_second_process_on_the_same_data_says_so(tmp_path: Path) -> None:
    running = RunningServer(tmp_path / "data").start()
    try:
        said = one_line(outcry(running.data, "up", PORT="0"))
        assert "another" in said.lower()
        assert httpx.get(running.url + "/readyz").status_code == 200
    finally:
        assert running.stop() == 0


def test_migrate_says_what_it_did(tmp_path: Path) -> None:
    first, second = outcry(tmp_path, "migrate"), outcry(tmp_path, "migrate")
    assert first.returncode == second.returncode == 0, first.stderr
    assert "chat: 0001" in first.stdout
    assert "chat: nothing to do" in second.stdout


def test_restored_says_what_is_going_to_happen(tmp_path: Path) -> None:
    done = outcry(tmp_path, "restored")
    assert (done.returncode, done.stdout) == (0, "Browsers are going to load their rooms anew.\n")


def test_up_says_where_mail_lands_while_there_is_no_mail_server(tmp_path: Path) -> None:
    running = RunningServer(tmp_path / "data", OUTCRY_MAIL="file:").start()
    running.stop()
    [said] = [line for line in running.output if line.startswith("Mail is not sent")]
    assert str(tmp_path / "data" / "mail") in said
    assert "OUTCRY_MAIL" in said
    running = RunningServer(tmp_path / "data", OUTCRY_MAIL="smtp://127.0.0.1:1?from=desk@example.com").start()
    running.stop()
    assert not any("Mail" in line for line in running.output)


def test_import_is_idempotent_and_names_what_it_refuses(tmp_path: Path) -> None:
    good, bad = tmp_path / "ACME.csv", tmp_path / "WILE.csv"
    good.write_text(SAMPLE)
    bad.write_text(SAMPLE.replace("10,12,", "10,x,", 1))
    first = outcry(tmp_path / "data", "import", str(good), str(bad))
    assert first.returncode == 1
    assert "3 bars of ACME at 1d" in first.stderr
    assert "3 new or changed" in first.stderr
    assert "line 2" in first.stderr
    again = outcry(tmp_path / "data", "import", str(good))
    assert again.returncode == 0
    assert "0 new or changed" in again.stderr


def test_a_folder_is_tried_first_and_reported_whole(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "more").mkdir(parents=True)
    (folder / "ACME.csv").write_text(SAMPLE)
    (folder / "more" / "WILE.csv").write_text(SAMPLE.replace("10,12,", "10,x,", 1))
    (folder / "notes.md").write_text("not bars")
    report = tmp_path / "report.json"
    dry = outcry(tmp_path / "data", "import", "--dry-run", "--report", str(report), str(folder))
    assert "3 would be new or changed" in dry.stderr
    assert "nothing was changed" in dry.stderr
    told = json.loads(report.read_text())
    assert [(one["status"], len(one["bad_rows"])) for one in told] == [("checked", 0), ("refused", 1)]
    real = outcry(tmp_path / "data", "import", "--skip-bad-rows", str(folder))
    assert (real.returncode, real.stderr.count("new or changed")) == (0, 2)
    assert "3 new or changed" in real.stderr
    empty = outcry(tmp_path / "data", "import", str(tmp_path / "data"))
    assert "has no file that ends in" in empty.stderr


def test_times_without_a_zone_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "ACME.csv"
    rows = "".join(f"2020-12-15 09:3{minute},10,12,9,11,1\n" for minute in range(3))
    path.write_text("Date,Open,High,Low,Close,Volume\n" + rows)
    asked = outcry(tmp_path / "data", "import", str(path))
    assert (asked.returncode, "--timezone" in asked.stderr) == (1, True)
    assert outcry(tmp_path / "data", "import", "--timezone", "Europe/Berlin", str(path)).returncode == 0
    # It is known now.
    assert outcry(tmp_path / "data", "import", str(path)).returncode == 0


def test_imported_bars_are_served(tmp_path: Path) -> None:
    good = tmp_path / "ACME.csv"
    good.write_text(SAMPLE)
    assert outcry(tmp_path / "data", "import", str(good)).returncode == 0
    running = RunningServer(tmp_path / "data").start()
    try:
        with httpx.Client(base_url=running.url + "/api/v1") as http:
            account = {"email": "a@example.com", "password": "purple tram eats seven violins", "name": "A"}
            token = http.post("/auth/register", json=account).json()["access_token"]
            http.headers["authorization"] = f"Bearer {token}"
            bars = http.get("/instruments/ACME/bars?timeframe=1d").json()
        assert bars["close"] == [11, 12, 13]
    finally:
        running.stop()


def test_the_openapi_document_is_the_committed_one(tmp_path: Path) -> None:
    done = outcry(tmp_path, "openapi")
    assert done.returncode == 0, done.stderr
    committed = json.loads((ROOT / "web" / "src" / "lib" / "api" / "openapi.json").read_text())
    assert json.loads(done.stdout) == committed


def test_unknown_commands_and_missing_files_are_told(tmp_path: Path) -> None:
    assert outcry(tmp_path, "fly").returncode == 2
    assert outcry(tmp_path, "import").returncode == 2
    assert outcry(tmp_path, "--help").returncode == 0
    assert "does not exist" in outcry(tmp_path, "import", str(tmp_path / "none.csv")).stderr
