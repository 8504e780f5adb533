"""Start: process start to the first 200 on /readyz, and resident memory then. The floor: FastAPI alone on uvicorn."""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.reporting import print_table

FLOOR = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ready"}
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident_mb(process_id: int) -> float:
    """Return a process's resident memory in MB (10^6 bytes)."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / 1e6
    return float("nan")


def measure(command: list[str], port: int, environment: dict[str, str]) -> tuple[float, float]:
    """Start a server; return seconds to its first 200 and its memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        while time.perf_counter() - started < 60:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:  # our own server
                    if answer.status == 200:
                        return time.perf_counter() - started, resident_mb(process.pid)
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        raise RuntimeError("did not start")
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    """Measure alternately, print the table; fail over the limits of 3 s and 350 MB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="three runs instead of ten")
    runs = 3 if parser.parse_args().short else 10
    ours: list[tuple[float, float]] = []
    floor: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs + 1):
            port = free_port()
            environment = {**os.environ, "PORT": str(port), "OUTCRY_DATA": folder}
            ours.append(measure([sys.executable, "-m", "outcry", "up"], port, environment))
            floor.append(measure([sys.executable, "-c", FLOOR, str(port)], port, dict(os.environ)))
    first, ours, floor = ours[0], ours[1:], floor[1:]
    seconds = statistics.median(second for second, _ in ours)
    memory = statistics.median(mb for _, mb in ours)
    floor_s, floor_mb = (statistics.median(pair[place] for pair in floor) for place in (0, 1))
    rows = [
        ["outcry up, first start (migrates, loads the sample)", f"{first[0]:.2f}", f"{first[1]:.0f}", ""],
        [
            "outcry up, later starts",
            f"{seconds:.2f}",
            f"{memory:.0f}",
            f"{seconds / floor_s:.1f}x, {memory / floor_mb:.1f}x",
        ],
        ["FastAPI alone on uvicorn (floor)", f"{floor_s:.2f}", f"{floor_mb:.0f}", "1"],
    ]
    print_table(f"Start, median of {runs}", ["what", "s to /readyz", "MB resident", "beside the floor"], rows)
    return 0 if seconds < 3 and memory < 350 else 1


if __name__ == "__main__":
    raise SystemExit(main())
