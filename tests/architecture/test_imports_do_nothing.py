"""Nothing happens at import: no file written or read, no connection, no process, no thread."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Runs in a process of its own: an audit hook (PEP 578) cannot be taken away again.
WATCHER = textwrap.dedent(
    '''
    import importlib, json, os, sys, threading
    package, names = sys.argv[1], json.loads(sys.argv[2])
    seen, current = [], [""]
    FORBIDDEN = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system",
                 "os.mkdir", "os.remove", "os.rename", "os.posix_spawn", "os.fork", "sqlite3.connect"}
    LIBRARY = os.path.dirname(os.__file__) + os.sep

    def reader():
        """Return the file whose code opened another, past pathlib and the like; none when it is an import."""
        frame = sys._getframe(2)
        while frame:
            name = frame.f_code.co_filename
            if name.startswith("<frozen importlib"):
                return ""
            if "site-packages" in name or not name.startswith((LIBRARY, "<frozen")):
                return name
            frame = frame.f_back
        return ""

    def writes(mode, flags):
        if isinstance(mode, str):
            return any(letter in mode for letter in "wax+")
        return bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    def watch(event, arguments):
        if not current[0]:
            return
        if event == "open":
            path, mode, flags = arguments
            if writes(mode, flags) and path != os.devnull:
                seen.append(f"{current[0]}: writes {path}")
            elif reader().startswith(package):
                seen.append(f"{current[0]}: reads {path}")
        elif event in FORBIDDEN:
            seen.append(f"{current[0]}: {event} {arguments!r:.120}")

    start = threading.Thread.start

    def start_seen(thread):
        seen.append(f"{current[0]}: starts thread {thread.name}")
        start(thread)

    threading.Thread.start = start_seen
    sys.addaudithook(watch)
    for name in names:
        current[0] = name
        importlib.import_module(name)
    current[0] = ""
    print(json.dumps(seen))
    '''
)


def _watch(package: Path, names: list[str], *paths: Path) -> list[str]:
    """Import modules in a fresh process and return what they did besides being imported."""
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"], "HOME": str(package)}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    done = subprocess.run(
        [sys.executable, "-c", WATCHER, str(package) + os.sep, json.dumps(names)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    seen: list[str] = json.loads(done.stdout)
    return seen


def _module_names() -> list[str]:
    source = ROOT / "src"
    return [
        ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((source / "outcry").rglob("*.py"))
        if "migrations" not in path.parts and path.name != "__main__.py"
    ]


def test_importing_every_module_does_nothing_else() -> None:
    names = _module_names()
    assert len(names) > 30
    assert _watch(ROOT / "src" / "outcry", names) == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("open('made.txt', 'w').close()", "busy: writes made.txt"),
        ("from pathlib import Path; Path(__file__).read_text()", "busy: reads "),
        ("import threading; threading.Thread(target=print, args=('',), daemon=True).start()", "busy: starts thread"),
        ("import socket; socket.getaddrinfo('localhost', 80)", "socket.getaddrinfo"),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
        ("import sqlite3; sqlite3.connect(':memory:').close()", "sqlite3.connect"),
    ],
)
def test_a_module_that_does_something_is_noticed(tmp_path: Path, code: str, what: str) -> None:
    (tmp_path / "busy.py").write_text(f"import os\nos.chdir({str(tmp_path)!r})\n{code}\n")
    assert any(what in line for line in _watch(tmp_path, ["busy"], tmp_path))
