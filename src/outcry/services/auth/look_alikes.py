"""Texts that are not what they look like: letters of several scripts in one word, and characters that nobody sees.

After Unicode Technical Standard 39 (security mechanisms), section 5.1: a word is of one script, but for the
combinations that languages are really written in. Python does not know scripts; the names of characters begin with
them.
"""

import re
import unicodedata

# Scripts whose letters are drawn like those of another of them: they never share a word.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "GEORGIAN", "LISU", "GLAGOLITIC"})
# Chinese, Japanese and Korean are written in several at once, and with Latin words among them.
_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "LATIN"})
_NO_SCRIPT = frozenset({"", "MODIFIER", "COMBINING"})
_JOINERS = "\u200c\u200d"
# Letters and marks by their category, yet nothing to see: fillers of Hangul and Khmer, separators of Mongolian, the
# empty Braille cell, the grapheme joiner.
_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_WORDS = re.compile(r"[^\W_]+")


def scripts_of(text: str) -> frozenset[str]:
    """Return the scripts of a text's letters, by the first word of their Unicode names."""
    return frozenset(_script(letter) for letter in unicodedata.normalize("NFKC", text) if letter.isalpha()) - _NO_SCRIPT


def mixes_scripts(label: str) -> bool:
    """Say whether a piece of an address mixes scripts otherwise than Chinese, Japanese and Korean do."""
    scripts = scripts_of(label)
    return len(scripts) > 1 and not scripts <= _TOGETHER


def mixed_word(text: str) -> str:
    """Return the first word of a name that mixes scripts which look alike, an empty text when there is none."""
    bare = "".join(letter for letter in text if unicodedata.category(letter)[0] != "M")
    return next((str(word) for word in _WORDS.findall(bare) if len(scripts_of(word) & _ALIKE) > 1), "")


def hidden_character(text: str) -> str:
    """Return the first character that is there and not seen, or that turns the direction of others; else nothing.

    Joiners count as seen between two letters or symbols of scripts that need them: Persian, Hindi, emoji.
    """
    for at, character in enumerate(text):
        if character in _EMPTY:
            return character
        if unicodedata.category(character) == "Cf" and not _joins(text, at):
            return character
    return ""


def _joins(text: str, at: int) -> bool:
    before, after = text[:at].rstrip("\ufe0f")[-1:], text[at + 1 : at + 2]
    return text[at] in _JOINERS and _is_joined(before) and _is_joined(after)


def _is_joined(neighbour: str) -> bool:
    if not neighbour or unicodedata.category(neighbour)[0] not in "LMS" or neighbour.isascii():
        return False
    return _script(neighbour) not in _ALIKE | {"COMBINING"}


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
