"""What every engine of the Mail port does, what no mail may contain, and what is particular to a folder."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from outcry.adapters.mail.folder import FolderMail
from outcry.adapters.mail.smtp import SmtpMail
from outcry.adapters.mail.smtp_address import read_smtp_address
from outcry.engines import UnknownEngineError, open_mail
from outcry.kit.clock import FakeClock
from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.ports.mail import Mail
from outcry.settings import Settings
from tests.adapters_support.certificates import Authority
from tests.adapters_support.letters import LINK, mail_to
from tests.adapters_support.mail_server import MailServer


@dataclass
class Post:
    """An engine, and what has arrived through it, oldest first."""

    mail: Mail
    arrived: Callable[[], list[EmailMessage]]


def _parse(content: bytes) -> EmailMessage:
    return message_from_bytes(content, _class=EmailMessage, policy=policy.default)


@pytest.fixture(params=["folder", "smtp", "starttls", "smtps"])
async def post(
    request: pytest.FixtureRequest, tmp_path: Path, fake_clock: FakeClock, authority: Authority
) -> AsyncIterator[Post]:
    """Each engine in turn."""
    if request.param == "folder":
        folder = tmp_path / "mail"
        yield Post(
            FolderMail(folder, clock=fake_clock),
            lambda: [_parse(path.read_bytes()) for path in sorted(folder.iterdir())],
        )
        return
    async with AsyncExitStack() as stack:
        safe = request.param != "smtp"
        server = await stack.enter_async_context(
            MailServer(
                context=authority.server_context() if safe else None,
                starttls=request.param == "starttls",
                user="desk" if request.param == "starttls" else "",
                password="p/w:@#" if request.param == "starttls" else "",
            )
        )
        addresses = {
            "smtp": f"smtp://127.0.0.1:{server.port}?from=desk@example.com",
            "starttls": f"smtp://desk:p%2Fw%3A%40%23@localhost:{server.port}"
            f"?from=desk@example.com&tls=starttls&ca={authority.ca_file}",
            "smtps": f"smtps://127.0.0.1:{server.port}?from=desk@example.com&ca={authority.ca_file}",
        }
        mail = SmtpMail(read_smtp_address(addresses[request.param]), clock=fake_clock)
        stack.push_async_callback(mail.close)
        yield Post(mail, lambda: [_parse(one.content) for one in server.received])
        assert all(one.over_tls == safe and one.user == server.user for one in server.received)


def only_file(folder: Path) -> Path:
    """Return the one file of a folder."""
    [path] = folder.iterdir()
    return path


def body(letter: EmailMessage, kind: str = "plain") -> str:
    """Return the words of a letter in one form."""
    part = letter.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


async def test_a_mail_arrives_as_it_was_written(post: Post) -> None:
    await post.mail.send(mail_to())
    [letter] = post.arrived()
    assert letter["To"] == "ada@example.com"
    assert str(letter["From"]).startswith("Outcry <")
    assert letter["Subject"] == "Confirm your address"
    assert letter["Date"].datetime == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert str(letter["Message-ID"]).startswith("<0197-1@")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] is None
    assert letter.get_content_type() == "text/plain"
    assert body(letter) == f"Open {LINK}\n"


async def test_html_is_an_alternative_to_the_words(post: Post) -> None:
    await post.mail.send(mail_to(html=f'<p><a href="{LINK}">Confirm</a> – gleich.</p>'))
    [letter] = post.arrived()
    assert letter.get_content_type() == "multipart/alternative"
    assert body(letter) == f"Open {LINK}\n"
    assert body(letter, "html") == f'<p><a href="{LINK}">Confirm</a> – gleich.</p>\n'


async def test_any_writing_arrives(post: Post) -> None:
    subject = "Ζωή asks you to “Börse & Café” – 🐂 " + "very " * 40 + "much"
    text = "Grüße 你好 🐻\n\n.\n.begins with a dot\nFrom here on\n" + "x" * 3000 + "\nsays\rwhat\r\nit must\x0b"
    await post.mail.send(mail_to(subject=subject, text=text))
    [letter] = post.arrived()
    assert letter["Subject"] == subject
    assert body(letter) == text.replace("\r\n", "\n").replace("\r", "\n") + "\n"


async def test_a_domain_in_other_letters_is_written_as_servers_know_it(post: Post) -> None:
    await post.mail.send(mail_to("ada@straße.example"))
    [letter] = post.arrived()
    assert letter["To"] == "ada@xn--strae-oqa.example"


async def test_an_address_in_other_letters_arrives(post: Post) -> None:
    await post.mail.send(mail_to("ζωή@example.com"))
    [letter] = post.arrived()
    assert letter["To"] == "ζωή@example.com"


async def test_the_same_mail_again_has_the_same_id(post: Post, fake_clock: FakeClock) -> None:
    await post.mail.send(mail_to())
    fake_clock.advance(timedelta(minutes=1))
    await post.mail.send(mail_to())
    await post.mail.send(mail_to(message_id="0197-2"))
    first, second, other = (letter["Message-ID"] for letter in post.arrived())
    assert first == second != other


async def test_many_at_once_all_arrive(post: Post) -> None:
    wanted = {f"person{number}@example.com" for number in range(20)}
    await asyncio.gather(*(post.mail.send(mail_to(to, message_id=to.partition("@")[0])) for to in wanted))
    assert {str(letter["To"]) for letter in post.arrived()} == wanted


BAD_LINES = ["a\nb", "a\r\nBcc: eve@example.com", "a\rb", "a\x00b", "a\x85b", "a\u2028b", "a\x0bb", "a\ud800", " ", ""]


async def test_a_mail_says_where_its_kind_is_ended(post: Post) -> None:
    url = "https://desk.example/stop-mails#" + "a-_b" * 20
    await post.mail.send(mail_to(stop_url=url))
    [letter] = post.arrived()
    assert letter["List-Unsubscribe"] == f"<{url}>"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("subject", line) for line in [*BAD_LINES, "x" * 301]),
        *(("to", f"ada{line}@example.com") for line in BAD_LINES if line.strip()),
        *(("to", f"ada@example.com{line}") for line in BAD_LINES if line),
        ("to", ""),
        ("to", "ada"),
        ("to", "@example.com"),
        ("to", "ada@"),
        ("to", "ada@example.com,eve@example.com"),
        ("to", "ada@example.com, eve@example.com"),
        ("to", "ada@example.com;eve@example.com"),
        ("to", "Ada <ada@example.com>"),
        ("to", "ada@example.com> SIZE=1"),
        ("to", "ada@eve@example.com"),
        ("to", '"a b"@example.com'),
        ("to", "a" * 65 + "@example.com"),
        ("to", "a@" + "b" * 253),
        ("text", ""),
        ("text", " \n"),
        ("text", "a\ud800"),
        ("text", "a\x00"),
        ("html", "a\ud800"),
        *(("stop_url", f"https://desk.example/{line}") for line in BAD_LINES if line),
        ("stop_url", "javascript:alert(1)"),
        ("stop_url", "https://desk.example/a>, <https://evil.example"),
        ("message_id", ""),
        ("message_id", "../../up"),
        ("message_id", ".hidden"),
        ("message_id", "a b"),
        ("message_id", "a>\r\nBcc: eve@example.com"),
        ("message_id", "a\n"),
        ("message_id", "ä"),
        ("message_id", "x" * 101),
    ],
)
def test_what_no_header_may_contain_is_refused(field: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        mail_to(**{field: value})
    assert caught.value.errors[0]["field"] == ("text" if field == "html" else field)


# The folder.


async def test_only_the_owner_may_read_the_files_and_nothing_else_is_left(
    tmp_path: Path, fake_clock: FakeClock
) -> None:
    folder = tmp_path / "deep" / "mail"
    mask = os.umask(0)
    try:
        await FolderMail(folder, clock=fake_clock).send(mail_to())
    finally:
        os.umask(mask)
    path = only_file(folder)
    assert path.name == "20260105T120000000000Z-0197-1.eml"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_person_can_read_a_link_in_a_file(tmp_path: Path, fake_clock: FakeClock) -> None:
    await FolderMail(tmp_path, clock=fake_clock).send(mail_to(text=f"Grüße! Open {LINK}"))
    assert f"Grüße! Open {LINK}" in only_file(tmp_path).read_text(encoding="utf-8")


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, fake_clock: FakeClock) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be written"):
        await FolderMail(tmp_path / "file", clock=fake_clock).send(mail_to())


def test_the_setting_chooses_the_engine(tmp_path: Path) -> None:
    assert isinstance(open_mail(Settings(data=tmp_path)), FolderMail)
    assert isinstance(open_mail(Settings(mail="smtps://mail?from=d@e.com")), SmtpMail)
    with pytest.raises(UnknownEngineError, match="valid are file:, smtp:, smtps:") as caught:
        open_mail(Settings(mail="imap://desk:hunter2@mail"))
    assert "hunter2" not in str(caught.value)
