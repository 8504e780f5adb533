"""The principal: what it may do is what its scopes say, no more."""

from dataclasses import FrozenInstanceError

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal

VIEWER = Principal(
    user_id=new_id(),
    tenant_id=new_id(),
    role="viewer",
    scopes=frozenset({"chat:room:read"}),
    session_id=new_id(),
)


def test_it_may_what_its_scopes_name() -> None:
    assert VIEWER.may("chat:room:read")
    VIEWER.require("chat:room:read")


@pytest.mark.parametrize("permission", ["chat:room:create", "chat:room", "chat:room:read:all", "", "*"])
def test_it_may_nothing_else(permission: str) -> None:
    assert not VIEWER.may(permission)
    with pytest.raises(ForbiddenError) as refused:
        VIEWER.require(permission)
    assert refused.value.status == 403
    assert permission in refused.value.detail


def test_it_cannot_be_given_more_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        VIEWER.role = "owner"  # type: ignore[misc]  # the assignment that must fail
