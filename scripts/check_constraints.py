"""Check that constraints.txt pins everything that pyproject.toml asks for, by name and version alone."""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

# Anything that says where a package comes from: an address, an option, a folder.
SOMEWHERE = re.compile(r"://|^-|\bfile:|@|[/\\]")


def wanted(root: Path) -> Iterator[Requirement]:
    """Go through the requirements of the project, its extras and its tooling."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lines: list[str] = list(project["dependencies"])
    for extra in project.get("optional-dependencies", {}).values():
        lines.extend(extra)
    tooling = root / "scripts" / "constraints.in"
    if tooling.exists():
        lines.extend(tooling.read_text().splitlines())
    for line in lines:
        text = line.split("#")[0].strip()
        if text:
            yield Requirement(text)


def pins(lines: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return the pinned version of each package, and a sentence for each line that is not a plain pin."""
    versions: dict[str, str] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = line.split("#")[0].strip()
        if not text:
            continue
        if SOMEWHERE.search(text):
            problems.append(f"constraints.txt:{number}: names a place to download from: {text}")
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            problems.append(f"constraints.txt:{number}: cannot be read: {text}")
            continue
        exact = [part.version for part in requirement.specifier if part.operator == "=="]
        if len(exact) != 1 or len(requirement.specifier) != 1 or "*" in exact[0]:
            problems.append(f"constraints.txt:{number}: not pinned to one version: {text}")
            continue
        versions[canonicalize_name(requirement.name)] = exact[0]
    return versions, problems


def check(root: Path) -> list[str]:
    """Return a sentence for everything that is wrong."""
    versions, problems = pins((root / "constraints.txt").read_text().splitlines())
    for requirement in wanted(root):
        version = versions.get(canonicalize_name(requirement.name))
        if version is None:
            problems.append(f"constraints.txt does not pin {requirement.name}")
        elif not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"constraints.txt pins {requirement.name} {version}, which is not {requirement.specifier}")
    return problems


def main() -> int:
    """Check; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    problems = check(parser.parse_args().root)
    for problem in problems:
        print(f"{problem}. `make constraints` makes the file anew.", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
