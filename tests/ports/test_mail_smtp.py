"""The Mail port on a mail server: one that refuses, fails, stalls, is absent or not safe; and its address."""

import asyncio
import socket
from pathlib import Path

import pytest

from outcry.adapters.mail.smtp import SmtpMail
from outcry.adapters.mail.smtp_address import read_smtp_address
from outcry.engines import UnknownEngineError, open_mail
from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnavailableError
from outcry.ports.mail import RefusedMailError
from outcry.settings import Settings
from tests.adapters_support.certificates import Authority
from tests.adapters_support.letters import mail_to
from tests.adapters_support.mail_server import MailServer


def impatient(server: MailServer, clock: FakeClock, *, options: str = "", step_s: float = 5.0) -> SmtpMail:
    """Return the engine on a server of this test."""
    user = f"{server.user}:{server.password}@" if server.user else ""
    address = f"smtp://{user}localhost:{server.port}?from=desk@example.com{options}"
    return SmtpMail(read_smtp_address(address), clock=clock, step_s=step_s, total_s=10)


async def test_the_server_hears_the_envelope(fake_clock: FakeClock) -> None:
    async with MailServer() as server:
        await impatient(server, fake_clock).send(mail_to("ada+desk@example.com"))
    [received] = server.received
    assert (received.sender, received.to) == ("desk@example.com", ("ada+desk@example.com",))
    assert all(len(line) <= 998 for line in received.content.split(b"\r\n"))
    assert b"\n" not in received.content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("MAIL", "550 we do not send for you"),
        ("RCPT", "550 5.1.1 <ada@example.com> is unknown"),
        ("RCPT", "553 5.1.3 no address"),
        ("DATA", "554 5.7.1 looks like spam"),
        ("DATA", "552 too large"),
    ],
)
async def test_what_is_refused_for_good_is_told_apart(step: str, answer: str, fake_clock: FakeClock) -> None:
    async with MailServer(answers={step: answer}) as server:
        with pytest.raises(RefusedMailError, match=rf"for good \(status {answer[:3]}\)") as caught:
            await impatient(server, fake_clock).send(mail_to())
    assert server.received == []
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__  # what the server said may name the person, and must not reach a log


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("EHLO", "421 closing"),
        ("MAIL", "451 come again"),
        ("MAIL", "530 5.7.0 sign in first"),
        ("RCPT", "450 4.2.1 greylisted"),
        ("RCPT", "452 4.2.2 full"),
        ("DATA", "451 come again"),
        ("DATA", "421 closing"),
        ("MAIL", "cut"),
        ("RCPT", "cut"),
        ("DATA", "cut"),
    ],
)
async def test_what_may_go_later_is_told_apart(step: str, answer: str, fake_clock: FakeClock) -> None:
    async with MailServer(answers={step: answer}) as server:
        mail = impatient(server, fake_clock)
        with pytest.raises(UnavailableError, match="The mail server") as caught:
            await mail.send(mail_to())
        assert "ada" not in caught.value.detail
        server.answers.clear()
        await mail.send(mail_to())
    assert len(server.received) == 1


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_stalls_is_given_up(step: str, fake_clock: FakeClock) -> None:
    async with MailServer(answers={step: "stall"}) as server:
        with pytest.raises(UnavailableError, match="did not answer in time"):
            await impatient(server, fake_clock, step_s=0.2).send(mail_to())
        assert server.stalled.is_set()


async def test_a_server_that_never_greets_is_given_up(fake_clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"smtp://127.0.0.1:{silent.getsockname()[1]}?from=desk@example.com"
        mail = SmtpMail(read_smtp_address(address), clock=fake_clock, step_s=0.2)
        with pytest.raises(UnavailableError, match="did not answer in time"):
            await mail.send(mail_to())


async def test_a_slow_server_cannot_hold_a_mail_for_longer_than_the_whole_takes(fake_clock: FakeClock) -> None:
    async with MailServer(answers={"DATA": "stall"}) as server:
        address = read_smtp_address(f"smtp://127.0.0.1:{server.port}?from=desk@example.com")
        async with asyncio.timeout(20):
            with pytest.raises(UnavailableError, match="did not answer in time"):
                await SmtpMail(address, clock=fake_clock, step_s=60, total_s=0.3).send(mail_to())


async def test_sending_can_be_cancelled(fake_clock: FakeClock) -> None:
    async with MailServer(answers={"DATA": "stall"}) as server:
        sending = asyncio.create_task(impatient(server, fake_clock).send(mail_to()))
        await asyncio.wait_for(server.stalled.wait(), 10)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_a_server_that_is_absent_is_said(fake_clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mail = SmtpMail(read_smtp_address(f"smtp://127.0.0.1:{port}?from=desk@example.com"), clock=fake_clock)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await mail.send(mail_to())


async def test_a_wrong_password_is_said_and_is_no_fault_of_the_mail(
    fake_clock: FakeClock, authority: Authority
) -> None:
    async with MailServer(context=authority.server_context(), starttls=True, user="desk", password="right") as server:
        address = f"smtp://desk:wrong@localhost:{server.port}?from=desk@example.com&tls=starttls&ca={authority.ca_file}"
        with pytest.raises(UnavailableError, match="did not accept the user name and password") as caught:
            await SmtpMail(read_smtp_address(address), clock=fake_clock).send(mail_to())
    assert "wrong" not in caught.value.detail
    assert server.received == []


async def test_without_tls_nothing_is_said_to_a_server_that_has_to_have_it(fake_clock: FakeClock) -> None:
    async with MailServer(user="desk", password="secret") as server:
        with pytest.raises(UnavailableError, match="does not offer what OUTCRY_MAIL asks for"):
            await impatient(server, fake_clock, options="&tls=starttls").send(mail_to())
    assert server.received == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_certificate_of_nobody_known_is_refused(
    scheme: str, fake_clock: FakeClock, authority: Authority
) -> None:
    async with MailServer(context=authority.server_context(), starttls=scheme == "smtp") as server:
        option = "&tls=starttls" if scheme == "smtp" else ""
        address = f"{scheme}://localhost:{server.port}?from=desk@example.com{option}"
        with pytest.raises(UnavailableError, match="certificate cannot be trusted"):
            await SmtpMail(read_smtp_address(address), clock=fake_clock).send(mail_to())
    assert server.received == []


async def test_a_server_that_lacks_tls_where_it_is_expected_is_said(fake_clock: FakeClock) -> None:
    async with MailServer() as server:
        address = read_smtp_address(f"smtps://localhost:{server.port}?from=desk@example.com")
        with pytest.raises(UnavailableError, match="The mail server"):
            await SmtpMail(address, clock=fake_clock, step_s=1).send(mail_to())


async def test_an_address_that_the_server_cannot_write_to_is_refused_for_good(fake_clock: FakeClock) -> None:
    async with MailServer(utf8=False) as server:
        with pytest.raises(RefusedMailError, match="letters such as these"):
            await impatient(server, fake_clock).send(mail_to("ζωή@example.com"))


# Its address.


@pytest.mark.parametrize(
    ("address", "port", "tls", "sender"),
    [
        ("smtp://mail.example.com?from=desk@example.com", 587, "starttls", "desk@example.com"),
        ("smtp://desk%40example.com:pw@mail.example.com", 587, "starttls", "desk@example.com"),
        ("smtp://mail.example.com:2525?from=d+x@example.com", 2525, "starttls", "d+x@example.com"),
        ("smtp://mail?from=d@example.com&tls=none", 25, "none", "d@example.com"),
        ("smtps://u:p@mail.example.com?from=d@example.com", 465, "implicit", "d@example.com"),
        ("smtp://localhost?from=d@example.com", 25, "none", "d@example.com"),
        ("smtp://[::1]?from=d@example.com", 25, "none", "d@example.com"),
        ("smtp://u:p@127.0.0.1:1025?from=d@example.com", 1025, "none", "d@example.com"),
        ("smtp://localhost?from=d@example.com&tls=starttls", 587, "starttls", "d@example.com"),
    ],
)
def test_an_address_says_where_and_how_safely(address: str, port: int, tls: str, sender: str) -> None:
    server = read_smtp_address(address)
    assert (server.port, server.tls, server.sender) == (port, tls, sender)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("smtp:", "names no host"),
        ("smtp://", "names no host"),
        ("smtp://desk:hunter2@mail:port?from=d@e.com", "not an address"),
        ("smtp://desk:hunter2/x@mail?from=d@e.com", "not an address"),
        ("smtp://desk:hunter2#x@mail?from=d@e.com", "not an address"),
        ("smtp://[hunter2?from=d@e.com", "not an address"),
        ("smtp://mail/hunter2?from=d@e.com", "path"),
        ("smtp://mail?from=d@e.com#hunter2", "#"),
        ("smtp://mail?from=d@e.com&form=hunter2", "ca, from, tls"),
        ("smtp://mail?from=d@e.com&from=hunter2@e.com", "once each"),
        ("smtp://mail", "?from="),
        ("smtp://mail?from=hunter2", "?from="),
        ("smtp://mail?from=d@e.com%0aBcc:hunter2@e.com", "?from="),
        ("smtp://mail?from=hünter2@e.com", "ASCII"),
        ("smtp://mail?from=d@e.com&tls=hunter2", "starttls or none"),
        ("smtp://desk:hunter2@mail?from=d@e.com&tls=none", "in the clear"),
        ("smtps://mail?from=d@e.com&tls=none", "already"),
        ("smtp://mail?from=d@e.com&ca=/hunter2", "not there"),
    ],
)
def test_a_wrong_address_stops_the_start_without_being_shown(address: str, words: str) -> None:
    with pytest.raises(UnknownEngineError) as caught:
        open_mail(Settings(mail=address))
    assert words in str(caught.value)
    assert "OUTCRY_MAIL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_without_certificates_is_said(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(UnknownEngineError, match="no certificates"):
        open_mail(Settings(mail=f"smtps://mail?from=d@e.com&ca={tmp_path / 'ca.pem'}"))
