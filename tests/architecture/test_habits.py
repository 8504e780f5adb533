"""Habits that a machine can see: sizes, pins, addresses, reasons beside exceptions. Each check also finds a mistake."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"

# The brackets keep the patterns from finding themselves.
EXCEPTION = re.compile(
    r"#\s*(?:type: i[g]nore|no[q]a)\b(?P<rule>\[[\w, -]+\]|: [A-Z]+\d+(?:, ?[A-Z]+\d+)*)?(?P<rest>.*)"
)
SLEEP = re.compile(r"\btime\.s[l]eep\(|waitFor[T]imeout\(|wait_for_[t]imeout\(")


def _run(script: str, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPTS / script, "--root", root, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("script", ["size_ratchet.py", "check_constraints.py", "check_tracked.py"])
def test_this_repository_passes(script: str) -> None:
    done = _run(script, ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def _function(lines: int) -> str:
    return "def long() -> None:\n" + "    print()\n" * (lines - 1)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("src/a.py", "x = 1\n" * 401, "src/a.py: 401 lines; the limit is 400"),
        ("web/src/a.svelte", "<p>a</p>\n" * 401, "web/src/a.svelte: 401 lines"),
        ("web/src/lib/a.ts", "let x = 1;\n" * 401, "web/src/lib/a.ts: 401 lines"),
        ("src/a.py", _function(61), "src/a.py:1: long has 61 lines"),
    ],
)
def test_what_is_too_large_is_named(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(text)
    done = _run("size_ratchet.py", tmp_path)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_what_is_at_the_limit_passes(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text(_function(60) + "x = 1\n" * 340)
    assert _run("size_ratchet.py", tmp_path).returncode == 0


def test_an_exception_may_shrink_and_never_grow(tmp_path: Path) -> None:
    source, ratchet = tmp_path / "src" / "a.py", tmp_path / "tests" / "architecture" / "size_ratchet.json"
    source.parent.mkdir()
    ratchet.parent.mkdir(parents=True)
    ratchet.write_text(json.dumps({"src/a.py": 450}))
    source.write_text("x = 1\n" * 450)
    assert _run("size_ratchet.py", tmp_path).returncode == 0
    source.write_text("x = 1\n" * 420)
    assert _run("size_ratchet.py", tmp_path, "--write").returncode == 0
    assert json.loads(ratchet.read_text()) == {"src/a.py": 420}
    source.write_text("x = 1\n" * 421)
    assert "the limit is 420" in _run("size_ratchet.py", tmp_path, "--write").stderr
    assert json.loads(ratchet.read_text()) == {"src/a.py": 420}
    source.write_text("x = 1\n" * 300)
    assert "no longer over" in _run("size_ratchet.py", tmp_path).stderr


@pytest.mark.parametrize(
    ("pins", "complaint"),
    [
        ("", "does not pin typer"),
        ("typer==0.1", "pins typer 0.1, which is not >=0.20"),
        ("typer>=0.20", "not pinned to one version"),
        ("typer==0.*", "not pinned to one version"),
        ("typer @ file:///tmp/typer.whl", "names a place to download from"),
        ("--index-url somewhere\ntyper==0.21", "names a place to download from"),
    ],
)
def test_a_wrong_pin_is_named(tmp_path: Path, pins: str, complaint: str) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["typer>=0.20"]\n')
    (tmp_path / "constraints.txt").write_text(pins)
    done = _run("check_constraints.py", tmp_path)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_a_right_pin_passes(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["My_Typer>=0.20"]\noptional-dependencies = {x = ["b"]}\n'
    )
    (tmp_path / "constraints.txt").write_text("my-typer==0.21.1 ; sys_platform != 'win32'\n    # via x\nb==1\n")
    assert _run("check_constraints.py", tmp_path).returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        "index: https://" + "pypi" + ".org/simple",
        '"resolved": "https://registry.' + "npmjs" + '.org/a.tgz"',
        "see /" + "root/project/file.txt",
        "cd /" + "Users/somebody/outcry",
    ],
)
def test_an_address_or_a_path_of_one_machine_is_found(tmp_path: Path, text: str) -> None:
    git = shutil.which("git")
    assert git is not None
    subprocess.run([git, "init", "--quiet", tmp_path], check=True)
    (tmp_path / "notes.md").write_text(f"fine\n{text}\n")
    done = _run("check_tracked.py", tmp_path)
    assert done.returncode == 1
    assert "notes.md:2: must not be committed" in done.stderr


def _lines(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".ts", ".svelte"} and "node_modules" not in path.parts:
                for number, line in enumerate(path.read_text().splitlines(), start=1):
                    yield f"{path.relative_to(ROOT)}:{number}", line


def _lacks_reason(line: str) -> bool:
    match = EXCEPTION.search(line)
    return match is not None and (not match["rule"] or not re.search(r"[#-]\s*\S+ \S+", match["rest"]))


def test_every_exception_from_a_check_names_its_rule_and_its_reason() -> None:
    assert [where for where, line in _lines("src", "tests", "scripts", "benchmarks") if _lacks_reason(line)] == []


@pytest.mark.parametrize(
    ("line", "lacks"),
    [
        ("x = 1  # type: i" + "gnore", True),
        ("x = 1  # type: i" + "gnore[assignment]", True),
        ("x = 1  # no" + "qa: S101", True),
        ("x = 1  # no" + "qa", True),
        ("x = 1  # type: i" + "gnore[assignment]  # the library has no types", False),
        ("x = 1  # no" + "qa: S101, B008  # checked by the caller", False),
    ],
)
def test_a_missing_reason_is_seen(line: str, lacks: bool) -> None:
    assert _lacks_reason(line) is lacks


def test_nothing_waits_for_time_to_pass() -> None:
    assert [where for where, line in _lines("src", "tests", "web/src") if SLEEP.search(line)] == []
