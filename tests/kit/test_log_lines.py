"""Log entries that nobody can forge."""

import io
import logging
from collections.abc import Iterator

import pytest

from outcry.kit.log_lines import LineFormatter, visible

FORGED = "2026-01-05 12:00:00,000 INFO outcry: forged"


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A log as the server writes it."""
    stream, log = io.StringIO(), logging.getLogger("tests.log_lines")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    yield log, stream
    log.removeHandler(handler)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_an_entry_is_one_line(written: tuple[logging.Logger, io.StringIO], end: str) -> None:
    log, stream = written
    log.error("GET %s failed", f"/a{end}{FORGED}")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert FORGED in lines[0]
    assert not lines[0].startswith(FORGED)


def test_a_traceback_belongs_to_its_entry(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    try:
        try:
            raise ValueError(f"first\n{FORGED}")
        except ValueError as error:
            raise RuntimeError(f"second\r{FORGED}\x1b[2J") from error
    except RuntimeError:
        log.exception("it failed")
    entry, *rest = stream.getvalue().splitlines()
    assert entry.endswith("it failed")
    assert len(rest) > 5
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in stream.getvalue()


def test_what_cannot_be_seen_is_written_out_and_the_rest_stays() -> None:
    assert visible("Zoë \N{SNOWMAN} 日本 a\tb") == "Zoë \N{SNOWMAN} 日本 a\\tb"
    assert visible("\x1b[31m\x00\u202egpj\ud800\ufeff") == "\\x1b[31m\\x00\\u202egpj\\ud800\\ufeff"


def test_the_command_line_logs_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from outcry import cli

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    cli._configure_logging()
    assert [type(handler.formatter) for handler in root.handlers] == [LineFormatter]
