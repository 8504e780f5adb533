"""The OpenAPI document, and calls that are made out of it."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any, cast

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, GenerationMode, Response
from schemathesis import Case as AnyCase
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.config import GenerationConfig
from schemathesis.core.result import Ok
from schemathesis.generation.meta import CoverageScenario, coverage_scenario

from tests.fuzz.callers import Caller
from tests.running import ROOT, RunningServer

EXAMPLES = int(os.environ.get("OUTCRY_FUZZ_EXAMPLES", "2"))
"""How many requests chance makes of each kind (right and wrong), for each operation and caller."""

# Whatever the document does not allow may be refused by any 4xx that the document tells of.
_CONFIG = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}})
_RAW = json.loads((ROOT / "web" / "src" / "lib" / "api" / "openapi.json").read_text())
DOCUMENT = schemathesis.openapi.from_dict(_RAW, config=_CONFIG)

Operation = APIOperation[Any, Any, Any, Any]
Case = AnyCase[Any]


def _operations() -> Iterator[Operation]:
    for found in DOCUMENT.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


OPERATIONS = {operation.label: operation for operation in _operations()}
GUARDED = tuple(label for label, operation in OPERATIONS.items() if operation.definition.raw["security"])
PUBLIC = tuple(label for label in OPERATIONS if label not in GUARDED)

load_all_checks()
_CHECKS: list[CheckFunction] = [
    cast(CheckFunction, check)
    for check in CHECKS.get_by_names(
        [
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
            "negative_data_rejection",
            "missing_required_header",
            "unsupported_method",
            "allow_header_conformance",
        ]
    )
]
_TEMPLATES = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in _RAW["paths"]]


def requests_of(label: str, *kinds: GenerationMode, edges: bool = True) -> Iterator[Case]:
    """Make requests of an operation: right ones, wrong ones, or both; always the same ones.

    First come the edges of every bound and what lies beyond them, then ``EXAMPLES`` of each kind that chance makes.
    """
    operation = OPERATIONS[label]
    if edges:
        config = GenerationConfig()
        yield from DOCUMENT.iter_coverage_cases(operation, generation_modes=list(kinds), generation_config=config)
    for kind in kinds:
        if kind is GenerationMode.POSITIVE or _takes_input(operation):
            yield from _by_chance(operation, kind)


def _takes_input(operation: Operation) -> bool:
    """Say whether there is anything in a call that could be wrong: unknown parameters and headers are no matter."""
    raw = _RAW["paths"][operation.path][operation.method.lower()]
    own = [one for one in raw.get("parameters", ()) if "$ref" not in one and one["in"] != "header"]
    return bool(own) or "requestBody" in raw


def _by_chance(operation: Operation, kind: GenerationMode) -> list[Case]:
    made: list[Case] = []
    keep = given(case=operation.as_strategy(generation_mode=kind))(lambda case: made.append(case))
    rules = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        rules(keep)()
    except Unsatisfiable:
        # An operation without parameters and body takes nothing that could be wrong.
        assert kind is GenerationMode.NEGATIVE
    return made


class Calling:
    """Makes calls as somebody."""

    def __init__(self, server: RunningServer, caller: Caller) -> None:
        self._url, self._caller = server.url, caller
        self._calls = 0

    def call(self, case: Case) -> Response:
        """Make one call and return its answer; every second one with the ids of things that are there."""
        self._calls += 1
        if self._calls % 2 and case.meta and case.meta.generation.mode.is_positive:
            for name in case.path_parameters.keys() & self._caller.things.keys():
                case.path_parameters[name] = self._caller.things[name]
        answer = self._send(case)
        if answer.status_code in (401, 403) and not self._caller.stands():
            self._caller.renew()
            answer = self._send(case)
        return answer

    def _send(self, case: Case) -> Response:
        headers = {"Authorization": f"Bearer {self._caller.token}"} if self._caller.token else {}
        return case.call(self._url, self._caller.browser, headers, allow_redirects=False, timeout=30)

    def check(self, case: Case) -> None:
        """Make one call; the answer must be one that the document tells of."""
        answer = self.call(case)
        if not _is_another_operation(case):
            case.validate_response(answer, checks=_CHECKS)


def _is_another_operation(case: Case) -> bool:
    """Say whether a call with a method that the operation does not have may be one of another operation.

    ``DELETE …/passkeys/options`` is not refused by its method: it asks to remove the passkey named "options".
    """
    if coverage_scenario(case) is not CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return False
    path = case.formatted_path
    return sum(template.fullmatch(path) is not None for template in _TEMPLATES) > 1
