"""Check that no file of the repository names a package index by address or a path of one machine.

The first would send everybody who installs to one server, the second works for one person only.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# The brackets keep the patterns from finding themselves.
ADDRESS = re.compile(r"https?://[^\s\"'<>)]*(?:py[p]i|python[h]osted|npm[j]s|deb[i]an)[^\s\"'<>)]*", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.])/(?:work|farm|root|Users/[a-z]\w*)/[\w.-]+")


def tracked(root: Path) -> list[Path]:
    """Return the files that are committed or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    names = (name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in (root / name for name in names) if path.is_file() and not path.is_symlink()]


def findings(text: str) -> Iterator[tuple[int, str]]:
    """Give (line, what) for each address or path."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern in (ADDRESS, MACHINE):
            for match in pattern.finditer(line):
                yield number, match.group()


def check(root: Path) -> list[str]:
    """Return a sentence for everything that was found."""
    problems: list[str] = []
    for path in tracked(root):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        name = path.relative_to(root)
        problems.extend(f"{name}:{line}: must not be committed: {what}" for line, what in findings(text))
    return problems


def main() -> int:
    """Check; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    problems = check(parser.parse_args().root)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
