"""Who may change whose place in an organisation, and what follows."""

from tests.services.auth.conftest import Desk
from tests.services.auth.team import join, problem, sign_up


async def test_an_admin_changes_the_role_of_who_is_below_owner(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    adam, ben = await join(ann, "Adam", "admin"), await join(ann, "Ben")
    answer = await adam.ask("PATCH", f"/organisation/members/{ben.id}", json={"role": "viewer"})
    assert (answer.status_code, answer.json()["role"]) == (200, "viewer")
    # At once, with the same access token.
    assert await ben.role() == "viewer"
    assert problem(await adam.ask("PATCH", f"/organisation/members/{ann.id}", json={"role": "viewer"})) == (
        403,
        "owner_protected",
    )
