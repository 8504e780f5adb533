"""The fonts of reports, and which of them has a character."""

import threading
from functools import lru_cache
from html import escape
from importlib.resources import as_file, files
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from outcry.kit.errors import UnavailableError

# Latin, Greek, Cyrillic, Devanagari; it goes into the file.
FONT = "Outcry"
_FILE = "NotoSans[wdth,wght].ttf"
# What the installation adds for other scripts; it goes into the file too.
_MORE = "More"
# Chinese, Japanese and Korean where it adds none: these do not go into the file, readers of PDF have their own.
_CHINESE, _JAPANESE, _KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
_UNKNOWN = "\ufffd"

_lock = threading.Lock()


def load_fonts(more: Path | None = None) -> None:
    """Make the fonts known to the library, once a process; raises UnavailableError where ``more`` is no TrueType."""
    with _lock:
        if FONT in pdfmetrics.getRegisteredFontNames():
            return
        for name in (_CHINESE, _JAPANESE, _KOREAN):
            pdfmetrics.registerFont(UnicodeCIDFont(name))
        if more is not None:
            add_font(more)
        with as_file(files("fontpkg_noto_sans") / "files" / _FILE) as path:
            pdfmetrics.registerFont(TTFont(FONT, str(path)))


def add_font(path: Path) -> None:
    """Add a font for what ours has not; raises UnavailableError where it is not one of TrueType."""
    try:
        pdfmetrics.registerFont(TTFont(_MORE, str(path)))
    except (TTFError, OSError) as error:
        raise UnavailableError("The font of OUTCRY_AUDIT_REPORT_FONT is not one of TrueType.") from error


def to_markup(text: str) -> str:
    """Return a text as the library's markup, nothing in it being any; what no font has becomes a question mark."""
    east = _JAPANESE if any("\u3040" <= one <= "\u30ff" for one in text) else _CHINESE
    runs = groupby(((_font_of(one, east), one) for one in text), key=lambda one: one[0])
    return "".join(_marked(font, "".join(one for _, one in run)) for font, run in runs)


def is_plain(text: str) -> bool:
    """Say whether a text is one line that our own font has all of."""
    return all(_font_of(one, _CHINESE) == FONT for one in text)


def _marked(font: str, text: str) -> str:
    if not font:
        return _UNKNOWN * len(text)
    return escape(text) if font == FONT else f'<font name="{font}">{escape(text)}</font>'


@lru_cache(maxsize=10_000)
def _font_of(character: str, east: str) -> str:
    for name in (FONT, _MORE):
        if name in pdfmetrics.getRegisteredFontNames() and ord(character) in pdfmetrics.getFont(name).face.charToGlyph:
            return name
    if "\uac00" <= character <= "\ud7a3" or "\u1100" <= character <= "\u11ff":
        return _KOREAN
    if "\u3000" <= character <= "\u9fff" or "\uff01" <= character <= "\uff60":
        return east
    return ""
