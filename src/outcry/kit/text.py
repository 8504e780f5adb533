"""Text that people type: made uniform before it is stored, never trusted as markup."""

import re
import unicodedata

# Control characters but tab and newline; bidirectional overrides, which can make text read as another text; halves
# of surrogate pairs, which JSON can carry and no encoding can.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Return the text in NFC with newlines as ``\\n``, without control and direction-override characters."""
    wanted = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Last, as a removed character may have stood between a letter and its accent.
    return unicodedata.normalize("NFC", wanted).strip()


def clean_line(text: str) -> str:
    """Return the text as one line: cleaned, with every run of white space a single space."""
    return " ".join(clean_text(text).split())


def shorten(text: str, length: int) -> str:
    """Return the text cut at a word before ``length`` characters, with an ellipsis when it was cut."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut.rsplit(" ", 1)[0] or cut).rstrip(" ,.;:") + "…"
