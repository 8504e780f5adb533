"""The licences of what the product installs: none may bind those who run or build on it."""

import re
from importlib.metadata import Distribution, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Copyleft for the whole work, and licences that forbid uses. The Boost licence (BSL-1.0) is neither.
FORBIDDEN = re.compile(
    r"\bA?GPL|Affero|GNU General Public|\bBUSL|Business Source|Commons[- ]Clause|\bSSPL|Server Side Public",
    re.IGNORECASE,
)
EXTRAS = ("postgresql", "vault", "ccxt", "yfinance")


def _runtime() -> dict[str, Distribution]:
    """Return what `pip install outcry[...]` brings in here, by walking the requirements of each package."""
    found: dict[str, Distribution] = {}
    visited: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(f"outcry[{','.join(EXTRAS)}]")]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if (name, frozenset(wanted.extras)) in visited:
            continue
        visited.add((name, frozenset(wanted.extras)))
        found[name] = distribution(name)
        for line in found[name].requires or ():
            needed = Requirement(line)
            if any(needed.marker is None or needed.marker.evaluate({"extra": e}) for e in (*wanted.extras, "")):
                waiting.append(needed)
    del found["outcry"]
    return found


def _licence(package: Distribution) -> str:
    """Return what a package says of its licence: an SPDX expression where it has one."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    named = [line for line in metadata.get_all("Classifier") or () if line.startswith("License ::")]
    said = "; ".join([*named, *(text.splitlines()[0] for text in metadata.get_all("License") or () if text)])
    return said or "; ".join(_opening(package, name) for name in metadata.get_all("License-File") or ())


def _opening(package: Distribution, name: str) -> str:
    """Return how a licence file of a package begins, for packages that name no licence in their metadata."""
    return (package.read_text(f"licenses/{name}") or package.read_text(name) or "")[:1000]


def _binds(licence: str) -> bool:
    """Say whether every alternative that a licence offers is a forbidden one."""
    return all(FORBIDDEN.search(alternative) for alternative in re.split(r"\bOR\b", licence))


RUNTIME = _runtime()


def test_the_walk_reaches_what_the_product_stands_on() -> None:
    assert {"fastapi", "starlette", "pydantic-core", "duckdb", "openai", "greenlet", "asyncpg"} <= set(RUNTIME)
    assert {"pytest", "mypy"} & set(RUNTIME) == set()


@pytest.mark.parametrize("name", sorted(RUNTIME))
def test_a_dependency_has_a_licence_that_binds_nobody(name: str) -> None:
    licence = _licence(RUNTIME[name])
    assert licence, f"{name} names no licence"
    assert not _binds(licence), f"{name} is under {licence}"


@pytest.mark.parametrize(
    ("licence", "binds"),
    [
        ("MIT", False),
        ("BSL-1.0", False),
        ("LGPL-3.0-only", False),
        ("MIT OR GPL-2.0-or-later", False),
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("BUSL-1.1", True),
        ("Apache-2.0 with Commons Clause", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
    ],
)
def test_licences_are_told_apart(licence: str, binds: bool) -> None:
    assert _binds(licence) is binds
