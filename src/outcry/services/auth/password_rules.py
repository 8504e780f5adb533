"""Which passwords are taken (NIST SP 800-63B-4, section 3.1.1): long ones, of any characters, not easily guessed."""

import re
import unicodedata

from outcry.kit.errors import InvalidInputError

LEAST = 15  # as the only factor
MOST = 256
_LEAST_OWN = 8  # characters that must be left after the guessable pieces are taken out
_SHORTEST_PERSONAL = 4  # a shorter name or local part is found in too many harmless sentences
_LEAST_DIFFERENT = 5
_RUN = 4  # characters in a row that count as a sequence

_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "!@#$%^&*()",
)
_RUNS = frozenset(
    row[at : at + _RUN]
    for sequence in _SEQUENCES
    for row in (sequence, sequence[::-1])
    for at in range(len(row) - _RUN + 1)
)

# Words that lists of leaked passwords begin with; what is left without them must stand by itself.
_COMMON_WORDS = re.compile(
    "password|passwort|passw0rd|motdepasse|contrasena|iloveyou|letmein|welcome|qwerty|administrator|admin|login|"
    "changeme|default|secret|access|master|monkey|dragon|football|baseball|basketball|superman|batman|sunshine|"
    "princess|shadow|michael|jordan|liverpool|chelsea|trustno1|starwars|whatever|freedom|outcry|trading|trader|bitcoin"
)

# Long, and yet among the first that are tried. Written without spaces and marks, as they are compared.
_COMMON_PHRASES = re.compile(
    "correcthorsebatterystaple|thequickbrownfox|thequickbrownfoxjumps|thequickbrownfoxjumpsoverthelazydog|"
    "maytheforcebewithyou|tobeornottobethatisthequestion|onceuponatime|happilyeverafter|mynameisinigomontoya|"
    "winteriscoming|thisismypassword|thisismysecretpassword|thisisapassword|thisisasecurepassword|mysecurepassword|"
    "averylongpassword|verylongpassword|ilovemyfamily|ilovemywife|ilovemyhusband|ilovemydaughter|ilovemyson|"
    "loveyouforever|iwillalwaysloveyou|iloveyousomuch|godblessamerica|jesusismysavior|jesuslovesme|"
    "thelordismyshepherd|inthebeginning|callmeishmael|houstonwehaveaproblem|nevergonnagiveyouup|"
    "hellodarknessmyoldfriend|ihaveadream|rosesareredvioletsareblue|twinkletwinklelittlestar|"
    "oncemoreuntothebreach|buylowsellhigh|timeinthemarket|cashisking|thetrendisyourfriend|wolfofwallstreet"
)


def normalise_password(password: str) -> str:
    """Return the password in NFKC, so that it is the same from every keyboard; raises InvalidInputError for no text."""
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise _refusal("The password contains half a character.")
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, local_part: str, name: str) -> str:
    """Return the normalised password; raises InvalidInputError with the reason why it is not taken.

    Args:
        password: as it was typed. Its length counts code points after normalising.
        local_part: what stands before the @ of the person's e-mail address.
        name: the person's name.
    """
    normal = normalise_password(password)
    reason = _length_reason(normal) or _personal_reason(normal, local_part, name) or _guess_reason(normal)
    if reason:
        raise _refusal(reason)
    return normal


def _refusal(reason: str) -> InvalidInputError:
    return InvalidInputError(reason, errors=({"field": "password", "message": reason},))


def _length_reason(password: str) -> str:
    if len(password) < LEAST:
        return (
            f"The password needs at least {LEAST} characters. Four or five words that only you would put together do."
        )
    if len(password) > MOST:
        return f"The password may have at most {MOST} characters."
    return ""


def _personal_reason(password: str, local_part: str, name: str) -> str:
    bare = _bare(password)
    for what, own in (("your e-mail address", local_part), ("your name", name)):
        key = _bare(own)
        if len(key) >= _SHORTEST_PERSONAL and key in bare:
            return f"The password contains {what}, which others know."
    return ""


def _guess_reason(password: str) -> str:
    folded = password.casefold()
    if _COMMON_PHRASES.fullmatch(_bare(folded)):
        return "This is a well-known phrase, one of the first that are tried."
    if len(set(folded)) < _LEAST_DIFFERENT or _repeats_itself(password):
        return "The password repeats itself too much."
    rest = _without_runs(folded)
    if len(rest) < _LEAST_OWN:
        return "The password is mostly a row of neighbouring letters, digits or keys."
    if len(_COMMON_WORDS.sub("", rest)) < _LEAST_OWN:
        return "The password is mostly made of words that everybody uses in passwords."
    return ""


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", normalise_password(text).casefold())


def _repeats_itself(text: str) -> bool:
    """Say whether the text is a short piece, written twice or more (the last time perhaps not to its end).

    Uses the border table of Knuth, Morris and Pratt (1977), in linear time.
    """
    borders = [0] * len(text)
    for i in range(1, len(text)):
        k = borders[i - 1]
        while k and text[i] != text[k]:
            k = borders[k - 1]
        borders[i] = k + 1 if text[i] == text[k] else 0
    period = len(text) - borders[-1]
    return period * 2 <= len(text) and period < LEAST


def _without_runs(text: str) -> str:
    """Return the text without the pieces of four or more characters that follow each other in a known row."""
    in_run: set[int] = set()
    for at in range(len(text) - _RUN + 1):
        if text[at : at + _RUN] in _RUNS:
            in_run.update(range(at, at + _RUN))
    return "".join(character for at, character in enumerate(text) if at not in in_run)
