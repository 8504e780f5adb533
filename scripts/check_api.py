"""Check that the committed OpenAPI document and the typed client are those of the code; ``--write`` makes them so."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "web" / "src" / "lib" / "api" / "openapi.json"
CLIENT = DOCUMENT.with_name("schema.d.ts")


def document_of_code() -> str:
    """Return the OpenAPI document that the program describes itself with."""
    outcry = Path(sys.executable).with_name("outcry")
    return subprocess.run([outcry, "openapi"], check=True, capture_output=True, text=True).stdout


def generate_client() -> str:
    """Make the typed client of the committed document and return its text."""
    subprocess.run([ROOT / "scripts" / "setup.sh", "npm", "run", "api"], check=True, capture_output=True)
    return CLIENT.read_text()


def check() -> list[str]:
    """Return a sentence for each of the two files that is out of date; leaves both as they are."""
    problems: list[str] = []
    if json.loads(DOCUMENT.read_text()) != json.loads(document_of_code()):
        problems.append(f"{DOCUMENT.relative_to(ROOT)} is not the document of this code")
    committed, times = CLIENT.read_text(), CLIENT.stat()
    try:
        if generate_client() != committed:
            problems.append(f"{CLIENT.relative_to(ROOT)} was not generated from the committed document")
    finally:
        CLIENT.write_text(committed)
        # Unchanged also in age, so that nobody builds the web application anew.
        os.utime(CLIENT, ns=(times.st_atime_ns, times.st_mtime_ns))
    return problems


def main() -> int:
    """Check or write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write both files anew")
    if parser.parse_args().write:
        DOCUMENT.write_text(document_of_code())
        generate_client()
        return 0
    problems = check()
    for problem in problems:
        print(f"{problem}. `make openapi` makes both anew.", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
