"""Keep files and functions small: what is over the limit may shrink, never grow, and nothing new may join it.

``size_ratchet.py`` checks, ``size_ratchet.py --write`` writes the present sizes down (only ever smaller ones).
"""

import argparse
import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("src", "tests", "benchmarks", "scripts", "web/src")
SUFFIXES = {".py", ".ts", ".svelte"}
GENERATED = {"web/src/lib/api/schema.d.ts"}
SKIPPED = {"node_modules", "__pycache__", ".svelte-kit", "build"}
RATCHET = "tests/architecture/size_ratchet.json"

LOOK_AGAIN = 250
FILE_LIMIT = 400
FUNCTION_LIMIT = 60


def find_sources(root: Path) -> Iterator[Path]:
    """Go through the files whose size counts."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if path.suffix not in SUFFIXES or SKIPPED & set(relative.parts):
                continue
            if relative.as_posix() not in GENERATED:
                yield path


def long_functions(source: str) -> Iterator[tuple[str, int, int]]:
    """Give (name, first line, lines) of every Python function over the limit."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LIMIT:
                yield node.name, node.lineno, lines


def measure(root: Path) -> tuple[dict[str, int], list[str]]:
    """Return the lines of every file, and a sentence for each function that is too long."""
    sizes: dict[str, int] = {}
    problems: list[str] = []
    for path in find_sources(root):
        name, source = path.relative_to(root).as_posix(), path.read_text()
        sizes[name] = len(source.splitlines())
        if path.suffix == ".py":
            problems.extend(
                f"{name}:{line}: {function} has {lines} lines; split it at {FUNCTION_LIMIT}"
                for function, line, lines in long_functions(source)
            )
    return sizes, problems


def compare(sizes: dict[str, int], allowed: dict[str, int]) -> list[str]:
    """Return a sentence for each file that grew over its limit, and for each exception no longer needed."""
    problems = [
        f"{name}: {lines} lines; the limit is {allowed.get(name, FILE_LIMIT)}. Split it by concern."
        for name, lines in sizes.items()
        if lines > allowed.get(name, FILE_LIMIT)
    ]
    problems.extend(
        f"{name}: no longer over {FILE_LIMIT} lines; `make size` takes it off the list"
        for name in allowed
        if sizes.get(name, 0) <= FILE_LIMIT
    )
    return problems


def tighten(sizes: dict[str, int], allowed: dict[str, int]) -> dict[str, int]:
    """Return the exceptions with their present size; none is added and none grows."""
    return {name: min(limit, sizes[name]) for name, limit in sorted(allowed.items()) if sizes.get(name, 0) > FILE_LIMIT}


def main() -> int:
    """Check or write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write smaller sizes down")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args()
    ratchet = options.root / RATCHET
    allowed: dict[str, int] = json.loads(ratchet.read_text()) if ratchet.exists() else {}
    sizes, problems = measure(options.root)
    if options.write:
        allowed = tighten(sizes, allowed)
        ratchet.write_text(json.dumps(allowed, indent=2) + "\n")
    problems += compare(sizes, allowed)
    large = sorted(((lines, name) for name, lines in sizes.items() if lines > LOOK_AGAIN), reverse=True)
    for lines, name in large:
        print(f"size: {lines:4} {name}")
    print(f"size: {len(sizes)} files, {len(large)} over {LOOK_AGAIN} lines, {len(problems)} over their limit")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
