"""What a page says of itself, however it says it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.ports.pages import Page
from outcry.services.chat.previews.reading import LONGEST_TITLE, decode, name_of_file, read_page


def page(html: str | bytes, charset: str = "") -> Page:
    data = html if isinstance(html, bytes) else html.encode()
    return Page(url="https://a.example/dir/page", kind="text/html", charset=charset, data=data, whole=True)


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>One</title>", "One"),
        ("<TITLE lang=en>\n One\n two </TITLE>", "One two"),
        ('<title>One</title><meta property="og:title" content="Two">', "Two"),
        ("<meta content='Say \"hi\"' property='og:title'/>", 'Say "hi"'),
        ("<meta name=twitter:title content=Short>", "Short"),
        ('<meta property="og:title" content="a > b &lt;i&gt; &#x27;c&#39;">', "a > b <i> 'c'"),
        ('<meta property="og:title" content="  "><title>Fallback</title>', "Fallback"),
        ('<meta property="og:title" content="gpj.exe\u202e\u200b hidden\x00">', "gpj.exe hidden"),
        ('<meta property="og:title" content="first"><meta property="og:title" content="second">', "first"),
        ("<title>unclosed", "unclosed"),
        ("<meta", ""),
        ("", ""),
    ],
)
def test_titles(html: str, title: str) -> None:
    assert read_page(page(html)).title == title


def test_everything_that_is_said_is_cut_and_one_line() -> None:
    said = read_page(page(f'<title>{"word " * 400}</title><meta name=description content="{"x" * 5_000}">'))
    assert len(said.title) <= LONGEST_TITLE
    assert said.title.endswith("…")
    assert len(said.description) <= 400


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("/p.png", "https://a.example/p.png"),
        ("p.png?a=1&amp;b=2", "https://a.example/dir/p.png?a=1&b=2"),
        ("//cdn.example/p.png", "https://cdn.example/p.png"),
        ("http://169.254.169.254/p.png", "http://169.254.169.254/p.png"),  # the guard refuses it
        ("data:image/png;base64,AAAA", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://[", ""),
    ],
)
def test_pictures(written: str, url: str) -> None:
    assert read_page(page(f'<meta property="og:image" content="{written}">')).picture_url == url


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Börse".encode(), "", "Börse"),
        ("Börse".encode("latin-1"), "iso-8859-1", "Börse"),
        (b"\x80uro", "latin1", "€uro"),  # as browsers read it
        ("<meta charset=windows-1251>Рынок".encode("cp1251"), "", "<meta charset=windows-1251>Рынок"),
        ("株価".encode("shift_jis"), "Shift_JIS", "株価"),
        ("株価".encode("utf-16"), "utf-8", "\ufeff株価".removeprefix("\ufeff")),
        (b"caf\xe9", "utf-8", "caf\ufffd"),
        (b"\xff\xfe\x00", "", "\ufffd"),
        # No charsets at all, or such as would run or unpack something.
        (b"ok", "no-such-charset", "ok"),
        (b"ok", "zlib", "ok"),
        (b"\\x41", "unicode_escape", "\\x41"),
        (b"ok-", "idna", "ok-"),
        (b"+AGE-", "utf-7", "+AGE-"),
        (b"ok", "\x00", "ok"),
    ],
)
def test_charsets(data: bytes, charset: str, text: str) -> None:
    assert decode(page(data, charset)) == text


@given(st.binary(max_size=400), st.text(max_size=20))
def test_no_bytes_break_it(data: bytes, charset: str) -> None:
    said = read_page(page(b"<meta property=og:title content='" + data, charset))
    assert "\n" not in said.title
    assert len(said.title) <= LONGEST_TITLE


@pytest.mark.parametrize(
    "html",
    ["<meta " * 80_000, "<meta " + "a" * 500_000, "<title" * 80_000, "<meta content=" + '"' * 500_000, "&" * 500_000,
     '<meta a="' * 50_000, "<meta charset" * 40_000, "<meta property='og:title' content='" + "&#x41;" * 80_000],
)  # fmt: skip
def test_a_hostile_page_does_not_take_long(html: str) -> None:
    began = time.process_time()
    read_page(page(html))
    assert time.process_time() - began < 0.5


def test_the_name_of_a_file_is_cleaned() -> None:
    assert name_of_file("https://a.example/x/chart%20one%E2%80%AE.png?q") == "chart one.png"
    assert name_of_file("https://a.example") == ""
