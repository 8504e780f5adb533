"""Values that no schema speaks of: halves of characters, numbers beyond all columns, bodies that are hardly JSON.

Each stands in turn in every field of every body, and in every parameter. Whatever becomes of it, the answer is one that
the document tells of; what cannot be read as JSON is refused.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
import requests
from schemathesis import GenerationMode

from tests.fuzz.callers import Owner
from tests.fuzz.calling import OPERATIONS, requests_of
from tests.running import RunningServer

BEYOND = 2**63
TEXTS = (
    "\ud800",  # half of a character
    "a\udfffb",
    "\0",
    "\u202eevil",
    "e\u0301" * 500,
    "\U0001f469\u200d\U0001f4bb",
    "A" * 100_000,
    "'; DROP TABLE people; --",
    "../../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "{{7*7}}${7*7}<script>",
)
NUMBERS = (BEYOND, -BEYOND - 1, 10**30, 10**400, 1e308, -0.0, 0.1, float("nan"), float("inf"), float("-inf"))
OTHERS: tuple[Any, ...] = (None, True, [], {}, [[[]]], {"\ud800": 1})
QUOTED = (
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "%F0%9F%98%80",
    "%0d%0aSet-Cookie:%20a=b",
    "..%2f..%2fetc%2fpasswd",
    "A" * 4_000,
    str(BEYOND),
    "-" + "9" * 400,
    "NaN",
    "1e400",
    "0001-01-01T00:00:00%2B23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "2026-02-30T00:00:00Z",
    "W10",  # a cursor of an empty list
    "WyJcdWQ4MDAiLCAxXQ",  # a cursor with half of a character
    "WzFlNDAwXQ",  # a cursor with a number beyond all
    "00000000-0000-0000-0000-000000000000",
)
UNREADABLE = (
    b"{",
    b"\xff\xfe\x00",
    b'{"a": "\xed\xa0\x80"}',
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1, "a": 2}',
    b'{"a": {"b": [{"c": 1, "c": 1}]}}',
    b'{"a": 0x10}',
    b'{"a": 1e400}',
    b"{'a': 1}",
    b'{"a": 1} {"b": 2}',
    b"[" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b"[" * 200 + b"]" * 200,
    b'{"a": ' + b"9" * 5_000 + b"}",
    '{"a": 1}'.encode("utf-16"),
    b'\xef\xbb\xbf{"a": 1}',
    b"\0",
)

WITH_JSON = [
    label
    for label, operation in OPERATIONS.items()
    if "application/json" in operation.definition.raw.get("requestBody", {}).get("content", {})
]
WITH_PARAMETERS = [label for label, one in OPERATIONS.items() if len(one.query) + len(one.path_parameters)]


class Sender:
    """Sends requests as an owner, who becomes somebody new when a request ended what they had."""

    def __init__(self, server: RunningServer, owner: Owner, label: str) -> None:
        self._url, self._owner, self._operation = server.url, owner, OPERATIONS[label]
        self.things = owner.things

    def send(self, path: str, body: bytes | None = None) -> requests.Response:
        """Send one request; its answer is one that the document tells of."""
        answer = self._send(path, body)
        if answer.status_code in (401, 403) and not self._owner.stands():
            self._owner.renew()
            answer = self._send(path, body)
        told = {int(status) for status in self._operation.responses.status_codes}
        # A path that is no longer that of the operation is answered without looking at it.
        shown = (answer.status_code, answer.text[:500], path, (body or b"")[:200])
        assert answer.status_code in told | {404, 405}, shown
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
        return answer

    def _send(self, path: str, body: bytes | None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._owner.token}", "X-Outcry": "1"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        url, method = self._url + path, self._operation.method.upper()
        return self._owner.browser.request(method, url, data=body, headers=headers, allow_redirects=False, timeout=30)

    def path(self, **replaced: str) -> str:
        """Return the path with the ids of things that are there, or what replaces them."""
        path = self._operation.path
        for parameter in self._operation.path_parameters:
            value = replaced.get(parameter.name, self.things.get(parameter.name, "x"))
            path = path.replace(f"{{{parameter.name}}}", value)
        return path


def _leaves(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through the ways to everything that a body holds, of each list to its first item."""
    members = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, member in members:
        yield (*way, name)
        yield from _leaves(member, (*way, name))


def _replaced(body: Any, way: tuple[Any, ...], value: Any) -> bytes:
    changed = deepcopy(body)
    inner = changed
    for name in way[:-1]:
        inner = inner[name]
    inner[way[-1]] = value
    return json.dumps(changed).encode()


def _body(label: str) -> Any:
    """Return the largest of the bodies that fit an operation."""
    fitting = [case.body for case in requests_of(label, GenerationMode.POSITIVE) if isinstance(case.body, dict)]
    return max(fitting, key=lambda body: (len(body), -len(str(body))))


@pytest.mark.parametrize("label", WITH_JSON)
def test_hostile_values_in_every_field(label: str, server: RunningServer, owner: Owner) -> None:
    sender, body = Sender(server, owner, label), _body(label)
    for way in _leaves(body):
        for value in (*TEXTS, *NUMBERS, *OTHERS):
            sender.send(sender.path(), _replaced(body, way, value))


@pytest.mark.parametrize("label", WITH_JSON)
def test_what_is_hardly_json_is_refused(label: str, server: RunningServer, owner: Owner) -> None:
    sender = Sender(server, owner, label)
    for body in UNREADABLE:
        answer = sender.send(sender.path(), body)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request"), body[:100]


@pytest.mark.parametrize("label", WITH_PARAMETERS)
def test_hostile_values_in_every_parameter(label: str, server: RunningServer, owner: Owner) -> None:
    sender, operation = Sender(server, owner, label), OPERATIONS[label]
    for value in QUOTED:
        for parameter in operation.query:
            sender.send(f"{sender.path()}?{quote(parameter.name)}={value}")
        for parameter in operation.path_parameters:
            sender.send(sender.path(**{parameter.name: value}))
