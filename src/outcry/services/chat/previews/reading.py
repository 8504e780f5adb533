"""Reads what a page says of itself: the title, description, site and picture that it gives to those who link to it.

The tags are those of the Open Graph protocol (ogp.me), of X's cards, and of HTML itself. Nothing but the text of a few
attributes is taken, and the page is never parsed as a whole: what it takes grows with its length and no faster.
"""

import codecs
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from urllib.parse import unquote, urljoin, urlsplit

from outcry.kit.text import clean_line, shorten
from outcry.ports.pages import Page

LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_SITE = 200, 400, 80
_MOST_TAGS = 400
_LONGEST_TAG = 6_000

_TAG = re.compile(r"<(meta|title)(?=[\s/>])", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z:_-]{1,40})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_NAMED_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE)

# Python has codecs that are no charsets: some unpack, some take time without end. These are those of the Encoding
# Standard (encoding.spec.whatwg.org), by Python's names.
_CHARSETS = re.compile(
    r"utf-(8|16(-[lb]e)?)|ascii|iso8859-([2-8]|1[03-6]?)|cp(866|874|932|949|125[0-8])|koi8-[ru]|mac-(roman|cyrillic)|"
    r"gbk|gb2312|gb18030|big5|shift_jis|iso2022_jp|euc_(jp|kr)"
)
# What browsers read where a page names these.
_READ_AS = {"iso8859-1": "cp1252", "ascii": "cp1252", "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030"}

_TITLES = ("og:title", "twitter:title", "title")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_PICTURES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page says of itself, cleaned. ``picture_url`` is where its picture is, empty for none."""

    title: str
    description: str
    site: str
    picture_url: str


def read_page(page: Page) -> Reading:
    """Return what an HTML page says of itself; everything may be empty."""
    said = _read_tags(decode(page))
    return Reading(
        title=_line(said, _TITLES, LONGEST_TITLE),
        description=_line(said, _DESCRIPTIONS, LONGEST_DESCRIPTION),
        site=_line(said, ("og:site_name",), LONGEST_SITE),
        picture_url=_picture_url(page.url, next((said[name] for name in _PICTURES if said.get(name)), "")),
    )


def name_of_file(url: str) -> str:
    """Return what the file at an address is called."""
    return shorten(clean_line(unquote(urlsplit(url).path.rpartition("/")[2], errors="replace")), LONGEST_TITLE)


def decode(page: Page) -> str:
    """Return the text of a page by the charset that it names, in its header or its beginning, else as UTF-8."""
    if page.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return page.data.decode("utf-16", errors="replace")
    inside = _NAMED_CHARSET.search(page.data[:2_048])
    named = page.charset or (inside[1].decode() if inside else "")
    return page.data.decode(_codec(named), errors="replace")


def _codec(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name if charset else "utf-8"
    except (LookupError, ValueError):
        return "utf-8"
    return _READ_AS.get(name, name) if _CHARSETS.fullmatch(name) else "utf-8"


def _read_tags(text: str) -> Mapping[str, str]:
    """Return the first value of each name that the page's meta tags give, and its title."""
    said: dict[str, str] = {}
    tags = list(islice(_TAG.finditer(text), _MOST_TAGS))
    for tag, after in zip_longest(tags, tags[1:]):
        # Up to the next tag at most, so that no part is read twice.
        end = min(tag.end() + _LONGEST_TAG, after.start() if after else len(text))
        rest = text[tag.end() : end]
        name, content = ("title", _read_title(rest)) if tag[1].lower() == "title" else _read_meta(rest)
        if name and content:
            said.setdefault(name, content)
    return said


def _read_title(rest: str) -> str:
    return rest.partition(">")[2].partition("<")[0]


def _read_meta(rest: str) -> tuple[str, str]:
    """Return name and content of the tag that ``rest`` begins inside of."""
    name = content = ""
    at = 0
    while (found := _ATTRIBUTE.search(rest, at)) and ">" not in rest[at : found.start()]:
        value = found[2] or found[3] or found[4] or ""
        match found[1].lower():
            case "property" | "name":
                name = value.strip().lower()
            case "content":
                content = value
        at = found.end()
    return name, content


def _line(said: Mapping[str, str], names: tuple[str, ...], length: int) -> str:
    # Eight times the length is enough: entities are longer than what they stand for, and the rest is cut.
    found = (clean_line(html.unescape(said[name][: length * 8])) for name in names if said.get(name))
    return shorten(next((line for line in found if line), ""), length)


def _picture_url(base: str, written: str) -> str:
    try:
        url = urljoin(base, html.unescape(written).strip()) if written else ""
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""
