"""Reports who asked for what they may not do, so that it stands in the audit log."""

import logging
from collections.abc import Awaitable, Callable
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
    refusal = Refusal(
        person_id=principal.user_id,
        tenant_id=principal.tenant_id,
        what=f"{request.method} {getattr(request.scope.get('route'), 'path', '')}",
        reason=error.code,
        objects={name: value for name, value in request.path_params.items() if _is_id(value)},
    )
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
