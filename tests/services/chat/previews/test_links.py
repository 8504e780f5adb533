"""Which links of a message are looked at."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.services.chat.previews.links import LONGEST_LINK, MOST_LINKS, find_links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("(https://a.example/x)", ["https://a.example/x"]),
        ("https://a.example/Bond_(finance), no?", ["https://a.example/Bond_(finance)"]),
        ("[words](https://a.example/y) **https://b.example**", ["https://a.example/y", "https://b.example"]),
        ("HTTPS://A.Example/Path?q=1#part", ["https://a.example/Path?q=1"]),
        ("https://a.example/1 https://a.example/1#x", ["https://a.example/1"]),
        ("`https://a.example` ```\nhttps://b.example\n``` ```https://c.example", []),
        ("https://user:secret@a.example/ https:// ftp://a.example javascript://a.example/%0aalert(1)", []),
        ("https://[::1/ https://a.example:99999/ https://a.example:0/", []),
        (f"https://a.example/{'x' * LONGEST_LINK}", []),
        ('<a href="https://a.example/q">', ["https://a.example/q"]),
    ],
)
def test_links_are_found(text: str, links: list[str]) -> None:
    assert find_links(text) == links


@given(st.text(alphabet="https:/.a`()[]#<> \n", max_size=300))
def test_whatever_is_written_gives_a_few_links_that_stand_in_it(text: str) -> None:
    links = find_links(text)
    assert len(links) <= MOST_LINKS
    assert len(set(links)) == len(links)
    for link in links:
        assert link.lower() in text.lower()
        assert find_links(link) == [link]


@pytest.mark.parametrize("text", ["https://a" + ")" * 100_000, "`" * 100_000 + "://", "https://" * 20_000])
def test_a_long_message_does_not_take_long(text: str) -> None:
    began = time.process_time()
    find_links(text)
    assert time.process_time() - began < 0.5
