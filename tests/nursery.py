"""Starts the program quickly: one process reads it, and divides itself for each that a test wants.

Reading it is most of what a start costs, two seconds of a processor. What began here is a process like any other, with
its own session, environment and output, and runs the same command; how it starts from nothing is tried by the tests
that give a command of their own, and by ``make start-time``.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

# What ``outcry up`` reads in any case, also where it reads it late.
READ_BEFORE = (
    "outcry.main",
    "outcry.adapters.blobs.obstore",
    "outcry.adapters.database.sqlite",
    "outcry.adapters.text_search.tantivy",
    "outcry.adapters.time_series.duckdb",
    "alembic.command",
    "uvicorn.protocols.http.httptools_impl",
)


class Born:
    """A process that a nursery made, with what tests use of ``subprocess.Popen``."""

    def __init__(self, line: socket.socket, stdout: IO[str]) -> None:
        self.stdout = stdout
        self._socket = line
        self.pid = self._hear()
        self.returncode: int | None = None

    def _hear(self) -> int:
        said = b""
        while not said.endswith(b"\n"):
            more = self._socket.recv(1)
            assert more, "the nursery ended"
            said += more
        return int(said)

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        try:
            return self.wait(timeout=0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended; raises TimeoutExpired."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._socket, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired("outcry", timeout or 0)
            self.returncode = self._hear()
            self._socket.close()
        return self.returncode

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Nursery:
    """The side of the tests. The process begins when the first server is wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._asking, self._asked = socket.socketpair()

    def serve(self, environment: Mapping[str, str]) -> Born:
        """Start ``outcry up`` with this environment and no other; ``stdout`` has all that it says."""
        reading, writing = os.pipe()
        born = self._bear(("up",), environment, writing, writing, os.fdopen(reading))
        os.close(writing)
        return born

    def run(self, *arguments: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run ``outcry`` with these arguments to its end, as ``subprocess.run`` would."""
        with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
            born = self._bear(arguments, environment, stdout.fileno(), stderr.fileno(), stdout)
            try:
                code = born.wait(timeout=120)
            finally:
                born.kill()
            stdout.seek(0)
            stderr.seek(0)
            return subprocess.CompletedProcess(("outcry", *arguments), code, stdout.read(), stderr.read())

    def _bear(
        self, arguments: Sequence[str], environment: Mapping[str, str], out: int, err: int, stdout: IO[str]
    ) -> Born:
        if self._process is None:
            self._process = self._begin()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._asking, [b"!"], [theirs.fileno(), out, err])
        wanted = {"arguments": arguments, "environment": dict(environment)}
        ours.sendall(json.dumps(wanted).encode() + b"\n")
        return Born(ours, stdout)

    def _begin(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.nursery", str(self._asked.fileno())],
            cwd=self._folder,
            pass_fds=(self._asked.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # no terminal: what is born writes as into the pipe that it gets
        )

    def close(self) -> None:
        """End the process; what it made goes on."""
        self._asking.close()
        self._asked.close()
        if self._process is not None:
            self._process.communicate()


def mind(asked: socket.socket) -> bool:
    """Divide for each that is asked for, and tell how each ended. True in what was born, False at the end."""
    waking, woken = socket.socketpair()
    waking.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waking.fileno())
    lines: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(asked, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                woken.recv(4096)
                tell_ends(lines)
            if asked in ready:
                word, handles, _, _ = socket.recv_fds(asked, 1, 3)
                if not word:
                    return False
                line = socket.socket(fileno=handles[0])
                if not (child := os.fork()):
                    break
                os.close(handles[1])
                os.close(handles[2])
                lines[child] = line
                line.sendall(b"%d\n" % child)
    become_one(line, handles[1:], (asked, waking, woken, *lines.values()))
    return True


def tell_ends(lines: dict[int, socket.socket]) -> None:
    """Say on the line of each that ended what its exit code is, as ``subprocess`` counts it."""
    while lines:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        with lines.pop(child) as line, contextlib.suppress(OSError):  # nobody may wait for it any more
            line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def become_one(line: socket.socket, outputs: Sequence[int], others: tuple[socket.socket, ...]) -> None:
    """Take on the environment that was asked for, and let go of everything else."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for other in others:
        other.close()
    with line, line.makefile("r") as said:
        wanted = json.loads(said.readline())
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.setsid()
    for number, output in enumerate(outputs, start=1):
        os.dup2(output, number)
        os.close(output)
    sys.argv[:] = ["outcry", *wanted["arguments"]]


if __name__ == "__main__":
    from importlib import import_module

    for name in READ_BEFORE:
        import_module(name)
    if not mind(socket.socket(fileno=int(sys.argv[1]))):
        os._exit(0)  # what was only read has nothing to put in order
    from outcry.cli import main

    main()
