"""Documents say what is there: links lead somewhere, commands and settings exist, decisions have one form."""

import re
from pathlib import Path

import pytest

from outcry.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[\w-]*)?\)")
TARGET = re.compile(r"^([a-z-]+):.*?(?:## (.+))?$", re.MULTILINE)


def _targets() -> dict[str, str]:
    """Return what the Makefile can do, with the line that `make help` shows."""
    return dict(TARGET.findall((ROOT / "Makefile").read_text()))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = LINK.findall(document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_command_exists(document: Path) -> None:
    named = re.findall(r"(?:`| {4})make ([a-z-]+)", document.read_text())
    assert set(named) <= set(_targets()) | {"help"}


def test_help_has_a_line_for_what_a_newcomer_types() -> None:
    targets = _targets()
    assert all(targets.get(name) for name in ("help", "run", "test", "check", "bench"))


def test_the_readme_lists_every_setting_of_an_operator() -> None:
    text = (ROOT / "README.md").read_text()
    names = {
        {"host": "HOST", "port": "PORT"}.get(field, f"OUTCRY_{field.upper()}")
        for field in Settings.model_fields
        if field != "loopback"  # for tests alone
    }
    assert sorted(name for name in names if f"`{name}`" not in text) == []


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = (ROOT / "docs" / "adr" / "README.md").read_text()
    assert [path.name for path in DECISIONS if f"({path.name})" not in listed] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_context_decision_and_consequences_on_a_page(decision: Path) -> None:
    lines = decision.read_text().splitlines()
    assert lines[0].startswith(f"# {decision.name[:4]}: ")
    assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"]
    assert len(lines) <= 60


def test_every_test_that_the_security_page_names_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", text)
    assert len(named) > 60
    missing = [f"{file}::{name}" for file, name in named if not _is_there(file, name)]
    assert missing == []


def _is_there(file: str, name: str) -> bool:
    pattern = re.compile(rf"def test_{name}\b" if name else "def test_")
    return any(pattern.search(path.read_text()) for path in (ROOT / "tests").rglob(file))
