"""What may be asked over the realtime socket: validated, counted and answered as a request to an endpoint would be."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pydantic
from pydantic import ConfigDict, TypeAdapter

from outcry.edge.limiting import PersonLimits
from outcry.edge.problems import invalid_input, unforeseen
from outcry.edge.reporting import Report, hand_in, refusal_of
from outcry.kit.errors import NotFoundError, OutcryError
from outcry.kit.module import Connection, SocketCall
from outcry.kit.principal import Principal

log = logging.getLogger(__name__)

_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class UnknownCallError(NotFoundError):
    """No service has a call of this name."""

    code, title = "unknown_call", "There is no such call"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    call: SocketCall
    body: TypeAdapter[Any]
    answer: TypeAdapter[Any]


def body_type(call: SocketCall) -> Any:
    """Return the body of a call as it is validated: strictly, and without fields that nobody knows."""
    return pydantic.dataclasses.dataclass(call.body, config=_STRICT, frozen=True)


class Calls:
    """The calls of all services."""

    def __init__(
        self, calls: Mapping[str, SocketCall], *, limits: PersonLimits | None = None, report: Report | None = None
    ) -> None:
        self._limits = limits
        self._report = report
        self._prepared = {
            name: _Prepared(call=call, body=TypeAdapter(body_type(call)), answer=TypeAdapter(call.answer))
            for name, call in calls.items()
        }

    async def answer(
        self, name: str, body: Mapping[str, Any], principal: Principal, connection: Connection, *, by_key: bool
    ) -> str:
        """Return the answer as the members of a JSON object: ``"body":…`` or ``"problem":…``."""
        try:
            return f'"body":{await self._handle(name, body, principal, connection, by_key=by_key)}'
        except OutcryError as error:
            if error.status >= 500:
                log.error("call %s: %s", name, error, exc_info=error)
            if error.status == 403 and self._report:
                await hand_in(self._report, refusal_of(principal, f"CALL {name}", error, body))
            return f'"problem":{_problem(error)}'
        except Exception as error:
            log.error("call %s failed", name, exc_info=error)
            return f'"problem":{_problem(unforeseen())}'

    async def _handle(
        self, name: str, body: Mapping[str, Any], principal: Principal, connection: Connection, *, by_key: bool
    ) -> str:
        prepared = self._prepared.get(name)
        call = prepared.call if prepared else None
        if self._limits:
            await self._limits.admit_call("read" if call and call.reads else "write", principal, by_key=by_key)
        if prepared is None:
            raise UnknownCallError()
        principal.require(prepared.call.permission)
        try:
            # As JSON, of which strict types such as ids and times can be read.
            value = prepared.body.validate_json(json.dumps(body))
        except pydantic.ValidationError as error:
            raise invalid_input(error.errors(include_url=False, include_context=False)) from error
        answer = await prepared.call.handle(principal, connection, value)
        return prepared.answer.dump_json(answer).decode()


def _problem(error: OutcryError) -> str:
    problem = error.to_problem()
    if error.wait_s:
        problem["wait_s"] = error.wait_s
    return json.dumps(problem)
