"""Who may import whom: the layers, and what is private to a service."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "outcry"
SERVICES = PACKAGE / "services"

# What others may import of a service; and what the composition root may, besides.
PUBLIC = {"contracts", "events"}
WIRING = PUBLIC | {"module", "settings", "importing", "fundamentals", "offline"}
COMPOSITION_ROOT = {"main.py", "cli.py", "importing.py", "keys.py", "auditing.py", "reporting.py", "failing.py"}


def _imports(path: Path) -> Iterator[str]:
    """Give the full name of every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; name the module in full"
            # `from outcry.services.chat import contracts` and `from outcry.services.chat.contracts import Room`
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _service_imports(path: Path) -> Iterator[tuple[str, str]]:
    """Give (service, its file) of every import from a service."""
    for name in _imports(path):
        parts = name.split(".")
        if parts[:2] == ["outcry", "services"] and len(parts) > 3:
            yield parts[2], parts[3]


def _sources(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "__pycache__" not in path.parts]


def _names() -> list[str]:
    return sorted(path.name for path in SERVICES.iterdir() if (path / "contracts.py").exists())


def test_the_contracts_of_import_linter_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("service", _names())
def test_a_service_imports_only_what_others_show(service: str) -> None:
    private = [
        f"{path.relative_to(ROOT)} imports {other}.{file}"
        for path in _sources(SERVICES / service)
        for other, file in _service_imports(path)
        if other != service and file not in PUBLIC
    ]
    assert private == []


def test_nothing_but_the_composition_root_imports_the_wiring_of_a_service() -> None:
    wrong = []
    for path in _sources(PACKAGE):
        top = path.relative_to(PACKAGE).parts[0]
        if top == "services":
            continue
        allowed = WIRING if top in COMPOSITION_ROOT else PUBLIC
        wrong += [
            f"{path.relative_to(ROOT)} imports {service}.{file}"
            for service, file in _service_imports(path)
            if file not in allowed
        ]
    assert wrong == []


def test_services_do_not_need_each_other_in_a_circle() -> None:
    graph = {
        service: {other for path in _sources(SERVICES / service) for other, _ in _service_imports(path)} - {service}
        for service in _names()
    }
    order = tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle
    assert set(order) == set(_names())


def test_private_imports_are_seen_in_every_form(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(
        "import outcry.services.chat.models\n"
        "from outcry.services.chat import queries\n"
        "def late() -> None:\n"
        "    from outcry.services.chat.commands import Post\n"
    )
    assert sorted(_service_imports(sample)) == [("chat", "commands"), ("chat", "models"), ("chat", "queries")]
