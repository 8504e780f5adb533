"""Every operation of the OpenAPI document, called with what fits it and with what does not, on a real server.

Schemathesis makes the requests out of the document. Each answer must be one that the document tells of, in status,
headers, content type and schema, and never a 5xx; what the document does not allow must be refused. The requests are
the same in every run; ``OUTCRY_FUZZ_EXAMPLES`` makes them more.
"""

import pytest
from schemathesis import GenerationMode

from tests.fuzz.callers import Guest, Nobody, Owner
from tests.fuzz.calling import GUARDED, OPERATIONS, PUBLIC, Calling, requests_of
from tests.running import RunningServer

RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_owner_gets_documented_answers(label: str, server: RunningServer, owner: Owner) -> None:
    calling = Calling(server, owner)
    for case in requests_of(label, RIGHT, WRONG):
        calling.check(case)


@pytest.mark.parametrize("label", GUARDED)
def test_a_guest_gets_documented_answers(label: str, server: RunningServer, guest: Guest) -> None:
    calling = Calling(server, guest)
    for case in requests_of(label, RIGHT, WRONG, edges=False):
        calling.check(case)


@pytest.mark.parametrize("label", PUBLIC)
def test_nobody_gets_documented_answers(label: str, server: RunningServer, owner: Owner) -> None:
    calling = Calling(server, Nobody(owner.things))
    for case in requests_of(label, RIGHT, WRONG, edges=False):
        calling.check(case)


@pytest.mark.parametrize("label", GUARDED)
def test_nobody_gets_past_a_door(label: str, server: RunningServer, owner: Owner) -> None:
    seen = set()
    callings = [Calling(server, Nobody(owner.things, token)) for token in ("", "x", "a.b.c", "outcry_deadbeef_x")]
    for case in requests_of(label, RIGHT, edges=False):
        for calling in callings:
            answer = calling.call(case)
            code = answer.json()["code"]
            seen.add(answer.status_code)
            # An address that cannot be one is refused before anybody is asked who they are.
            assert (answer.status_code, code) in ((401, "unauthenticated"), (400, "malformed_request")), code
            if answer.status_code == 401:
                assert answer.headers["www-authenticate"] == ["Bearer"]
    assert 401 in seen
