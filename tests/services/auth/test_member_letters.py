"""What people read whose place in an organisation an admin changed."""

from tests.services.auth.conftest import Desk
from tests.services.auth.team import Somebody, join, sign_up


def path(somebody: Somebody, rest: str = "") -> str:
    return f"/organisation/members/{somebody.id}{rest}"


async def test_who_is_concerned_gets_a_letter(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben, cas = await join(ann, "Ben"), await join(ann, "Cas")
    await desk.deliver()
    await ann.ask("PATCH", path(ben), json={"role": "analyst"})
    await ann.ask("POST", path(cas, "/disable"))
    await ann.ask("POST", path(cas, "/enable"))
    await ann.ask("DELETE", path(cas))
    await ann.ask("POST", "/organisation/transfer", json={"person_id": ben.id})
    sent = [(mail.to, mail.text) for mail in await desk.deliver() if "changed your place" in mail.text]
    said = {(to, next(line for line in text.splitlines() if "changed your place" in line)) for to, text in sent}
    begin = "An admin of the organisation changed your place: "
    name = "Ann's desk"
    assert said == {
        (ben.email, f"{begin}you are now an analyst of {name}."),
        (cas.email, f"{begin}you can no longer sign in to {name}."),
        (cas.email, f"{begin}you can sign in to {name} again."),
        (cas.email, f"{begin}you are no longer a member of {name}."),
        (ben.email, f"{begin}you own {name} now."),
        (ann.email, f"{begin}you are now an admin of {name}."),
    }
