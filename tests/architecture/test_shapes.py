"""The shapes that the house prescribes: ports, facades, contracts, endpoints, file names."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import outcry.ports
import outcry.services
from outcry.kit.events import Event
from outcry.kit.facade import Facade, check_facade, facade_methods

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "outcry"
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
MOST_METHODS = 8
MOST_ENDPOINT_LINES = 15
ROUTE_VERBS = {"get", "post", "put", "patch", "delete", "websocket"}


def _modules(file: str) -> list[ModuleType]:
    names = sorted(path.parent.name for path in (PACKAGE / "services").glob(f"*/{file}.py"))
    return [importlib.import_module(f"outcry.services.{name}.{file}") for name in names]


def _classes(module: ModuleType) -> Iterator[type]:
    for _, member in inspect.getmembers(module, inspect.isclass):
        if member.__module__ == module.__name__:
            yield member


def _port_protocols() -> list[type]:
    modules = [
        importlib.import_module(f"outcry.ports.{info.name}") for info in pkgutil.iter_modules(outcry.ports.__path__)
    ]
    return [cls for module in modules for cls in _classes(module) if getattr(cls, "_is_protocol", False)]


FACADES = [cls for module in _modules("contracts") for cls in _classes(module) if issubclass(cls, Facade)]
CONTRACTS: list[type] = [
    cls for module in _modules("contracts") for cls in _classes(module) if not issubclass(cls, Facade)
]
EVENTS: list[type[Event]] = [cls for module in _modules("events") for cls in _classes(module) if issubclass(cls, Event)]


@pytest.mark.parametrize("port", _port_protocols(), ids=lambda cls: cls.__name__)
def test_a_port_has_few_methods_and_each_says_what_it_does(port: type) -> None:
    members = {name: member for name, member in vars(port).items() if not name.startswith("_")}
    assert 1 <= len(members) <= MOST_METHODS
    assert [name for name, member in members.items() if not inspect.getdoc(member)] == []


@pytest.mark.parametrize("facade", FACADES, ids=lambda cls: cls.__name__)
def test_a_facade_can_travel_and_says_what_it_does(facade: type[Facade]) -> None:
    check_facade(facade)
    assert [name for name, method in facade_methods(facade).items() if not inspect.getdoc(method)] == []


@pytest.mark.parametrize("contract", [*CONTRACTS, *EVENTS], ids=lambda cls: cls.__name__)
def test_a_contract_is_frozen_and_keyword_only(contract: type) -> None:
    if issubclass(contract, BaseException) or not dataclasses.is_dataclass(contract):
        pytest.fail(f"{contract.__name__} is neither a facade nor a dataclass")
    assert vars(contract)["__dataclass_params__"].frozen
    assert [field.name for field in dataclasses.fields(contract) if not field.kw_only] == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda cls: cls.__name__)
def test_an_event_is_named_by_service_fact_and_version(event: type[Event]) -> None:
    service = event.__module__.split(".")[2]
    assert re.fullmatch(rf"{service}\.[a-z]+(_[a-z]+)*\.v[1-9]\d*", event.name)


def test_no_two_events_share_a_name() -> None:
    names = [event.name for event in EVENTS]
    assert sorted(names) == sorted(set(names))


def _endpoints(path: Path) -> Iterator[tuple[str, int]]:
    """Give (name, lines of the body after its docstring) of every endpoint in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        verbs = {
            decorator.func.attr
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)
        }
        if verbs & ROUTE_VERBS:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_endpoints_parse_authorise_call_and_return() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name} has {lines} lines"
        for path in sorted(PACKAGE.glob("services/*/api.py"))
        for name, lines in _endpoints(path)
        if lines > MOST_ENDPOINT_LINES
    ]
    assert long == []


def test_init_files_are_empty() -> None:
    full = [path for path in PACKAGE.rglob("__init__.py") if path.read_text().strip()]
    assert full == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts}
    assert sorted(folder for folder in folders if not (folder / "__init__.py").exists()) == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    folders = [PACKAGE, ROOT / "tests", ROOT / "scripts", ROOT / "benchmarks", ROOT / "web" / "src"]
    vague = [
        path.relative_to(ROOT)
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".py", ".ts", ".svelte"} and path.stem.lower().split(".")[0] in FORBIDDEN_NAMES
    ]
    assert vague == []
