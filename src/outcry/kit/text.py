"""Text that people type: made uniform before it is stored, never trusted as markup."""

import re
import unicodedata

# Control characters but tab and newline; bidirectional overrides, which can make text read as another text; halves
# of surrogate pairs, which JSON can carry and no encoding can; and what nobody sees (zero-width spaces, soft hyphens,
# fillers), which can hide a word from a search or carry one that only a program reads.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]"
)
# Invisible copies of ASCII. They mean something only after a black flag: England, Scotland and Wales.
_TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{1,8}\U000e007f)|[\U000e0000-\U000e007f]")
# Which form of an ideograph is meant: one, and after an ideograph.
_STRAY_VARIATION = re.compile("(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]")
# Joiners belong between two letters or emoji.
_STRAY_JOINERS = re.compile("((?:^|\\s)[\u200c\u200d]+)|([\u200c\u200d]+(?=\\s|$))|([\u200c\u200d])[\u200c\u200d]+")
_PLAIN_RUN = re.compile(r"[^\w\s!-~]{9,}")
_JOINERS = "\u200c\u200d"
# Addresses with a scheme, and whatever looks like a host: a dot, a colon or a slash between two letters or digits.
_LINK = re.compile(r"\S*(?:://|www\.|@)\S*|\S*\w[.:/\\]\w\S*", re.IGNORECASE)
_MARKUP = re.compile(r"[<>\[\](){}|*_`#\"\\]")

# Of what is written above, below and through one letter. Pointed and chanted Hebrew needs five.
MOST_MARKS = 8


def clean_text(text: str) -> str:
    """Return the text in NFC with newlines as ``\\n``, without what is unseen or makes it read as another text.

    A letter keeps at most ``MOST_MARKS`` combining marks, so that none is drawn over the lines of others.
    """
    wanted = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if wanted.isascii():
        return wanted.strip()
    wanted = _STRAY_VARIATION.sub("", _TAGS.sub(lambda found: found[1] or "", wanted))
    # Before it is normalised, which takes long for very many marks; and after, which can make two of one.
    normal = _limit_marks(unicodedata.normalize("NFC", _limit_marks(wanted)))
    # Last, as a removed character may have stood between two others.
    return _STRAY_JOINERS.sub(_settle_joiners, normal).strip()


def clean_line(text: str) -> str:
    """Return the text as one line: cleaned, with every run of white space a single space."""
    return " ".join(clean_text(text).split())


def to_plain_line(text: str, length: int) -> str:
    """Return a short line without markup, and without anything that a mail program could make a link of."""
    return shorten(clean_line(_MARKUP.sub(" ", _LINK.sub("…", clean_line(text)))), length)


def shorten(text: str, length: int) -> str:
    """Return the text cut at a word before ``length`` characters, with an ellipsis when it was cut."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut.rsplit(" ", 1)[0] or cut).rstrip(" ,.;:") + "…"


def _settle_joiners(found: re.Match[str]) -> str:
    if found[1]:
        return found[1].rstrip(_JOINERS)
    return found[3] or ""


def _limit_marks(text: str) -> str:
    return _PLAIN_RUN.sub(lambda found: _first_marks(found[0]), text)


def _first_marks(run: str) -> str:
    """Return a run of characters that are no letters without the marks that are too many for what they stand on."""
    kept: list[str] = []
    marks = 0
    for character in run:
        if unicodedata.category(character) in ("Mn", "Me"):
            marks += 1
            if marks > MOST_MARKS:
                continue
        elif character not in _JOINERS:
            marks = 0
        kept.append(character)
    return "".join(kept)
