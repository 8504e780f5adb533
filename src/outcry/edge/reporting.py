"""Reports who asked for what they may not do, so that it stands in the audit log."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import Request

from outcry.kit.errors import OutcryError
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import Refusal

log = logging.getLogger(__name__)

Report = Callable[[Refusal], Awaitable[None]]

# Asking for a fresh factor refuses nothing yet, and a wrong one is told by whoever looked at it.
_NO_REFUSALS = frozenset({"step_up_required", "wrong_factor"})


async def report_refusal(request: Request, error: OutcryError) -> None:
    """Hand a refusal to ``app.state.report_refusal``; the answer does not depend on it."""
    report: Report | None = getattr(request.app.state, "report_refusal", None)
    principal: Principal | None = getattr(request.state, "principal", None)
    if report is None or principal is None or error.code in _NO_REFUSALS:
        return
    what = f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"
    await hand_in(report, refusal_of(principal, what, error, request.path_params))


def refusal_of(principal: Principal, what: str, error: OutcryError, objects: Mapping[str, Any]) -> Refusal:
    """Return what is reported of a refusal: of the objects that were named only the ids."""
    return Refusal(
        person_id=principal.user_id,
        tenant_id=principal.tenant_id,
        what=what,
        reason=error.code,
        objects={name: value for name, value in objects.items() if isinstance(value, str) and _is_id(value)},
    )


async def hand_in(report: Report, refusal: Refusal) -> None:
    """Report a refusal; that this fails is no reason to answer otherwise."""
    try:
        await report(refusal)
    except Exception as broken:
        log.error("A refusal could not be reported: %s", refusal.what, exc_info=broken)


def _is_id(text: str) -> bool:
    """Say whether a part of the address is an id: anything else may be a person's words."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
