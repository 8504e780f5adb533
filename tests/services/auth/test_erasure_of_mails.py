"""Nothing is sent any more to who was erased, on whosever account it was queued."""

from tests.services.auth.conftest import Desk
from tests.services.auth.team import sign_up


async def test_mails_that_wait_for_the_erased_do_not_leave(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    await desk.deliver()
    for email in (ben.email.upper(), "cas@example.com"):
        answer = await ann.ask("POST", "/organisation/invitations", json={"email": email, "role": "member"})
        assert answer.status_code == 201, answer.text
    assert (await ben.ask("POST", "/me/erasure", json={"email": ben.email})).status_code == 204
    assert [mail.to for mail in await desk.deliver() if "invit" in mail.subject.lower()] == ["cas@example.com"]
