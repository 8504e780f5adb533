"""Which passwords are taken (NIST SP 800-63B-4, section 3.1.1): long ones, of any characters, not easily guessed.

How many guesses a password would stand is counted by zxcvbn (Wheeler, USENIX Security 2016). That is slow work on the
processor: run ``check_password`` in a thread.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from zxcvbn import matching, scoring

from outcry.kit.errors import InvalidInputError

LEAST = 15  # as the only factor
LEAST_WITH_FACTOR = 8  # beside a second one
MOST = 256
_MOST_COUNTED = 72  # zxcvbn's time grows with the square of the length: 20 ms for these
_LEAST_OWN = 8  # characters that must be left after the guessable pieces are taken out
_SHORTEST_PIECE = 4  # a shorter name or local part is found in too many harmless sentences
_LEAST_DIFFERENT = 5
_LEAST_GUESSES = 1e10
_LEAST_GUESSES_WITH_FACTOR = 5e7  # eight random characters count 1e8, less where they happen to hold a word
_COMMON_RANK = 1_000  # of zxcvbn's 30,000 leaked passwords

_Match = dict[str, Any]  # what zxcvbn says of a piece: pattern, token, where it begins (i) and ends (j), ...

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What others know of a person, and a password must not lean on."""

    email: str = ""
    name: str = ""
    organisation: str = ""

    def words(self) -> list[str]:
        """Return the pieces of it that are long enough to matter, in lower case."""
        local, _, domain = self.email.rpartition("@")
        wholes = [local, self.name, domain.partition(".")[0], self.organisation]
        pieces = [piece for whole in wholes for piece in (whole, _bare(whole), *re.split(r"[\W_]+", whole))]
        return list(dict.fromkeys(piece.lower() for piece in pieces if len(piece) >= _SHORTEST_PIECE))


def normalise_password(password: str) -> str:
    """Return the password in NFKC, so that it is the same from every keyboard; raises InvalidInputError for no text."""
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise _refusal("The password contains half a character.")
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, owner: Owner, *, with_factor: bool = False) -> str:
    """Return the normalised password; raises InvalidInputError with the reason why it is not taken.

    Args:
        password: as it was typed. Its length counts code points after normalising.
        owner: whose it is to be.
        with_factor: whether a second factor is on, beside which a shorter one does.
    """
    normal = normalise_password(password)
    reason = _length_reason(normal, with_factor=with_factor) or _personal_reason(normal, owner)
    reason = reason or _plain_reason(normal) or _guess_reason(normal, owner, with_factor=with_factor)
    if reason:
        raise _refusal(reason)
    return normal


def is_short(normal: str) -> bool:
    """Say whether a password does only beside a second factor."""
    return len(normal) < LEAST


def _refusal(reason: str) -> InvalidInputError:
    return InvalidInputError(reason, errors=({"field": "password", "message": reason},))


def _length_reason(password: str, *, with_factor: bool) -> str:
    least = LEAST_WITH_FACTOR if with_factor else LEAST
    if len(password) < least:
        hint = "" if with_factor else " Four or five words that only you would put together do."
        return f"The password needs at least {least} characters.{hint}"
    if len(password) > MOST:
        return f"The password may have at most {MOST} characters."
    return ""


def _personal_reason(password: str, owner: Owner) -> str:
    bare = _bare(password)
    local = owner.email.rpartition("@")[0]
    for what, own in (("your e-mail address", local), ("your name", owner.name)):
        key = _bare(own)
        if len(key) >= _SHORTEST_PIECE and key in bare:
            return f"The password contains {what}, which others know."
    return ""


def _plain_reason(password: str) -> str:
    folded = password.casefold()
    if _COMMON_PHRASES.fullmatch(_bare(folded)):
        return "This is a well-known phrase, one of the first that are tried."
    if len(set(folded)) < _LEAST_DIFFERENT or _repeats_itself(password):
        return _REASONS["repeat"]
    return ""


_REASONS = {
    "repeat": "The password repeats itself too much.",
    "sequence": "The password is mostly a row of neighbouring letters, digits or keys.",
    "spatial": "The password is mostly a row of neighbouring letters, digits or keys.",
    "date": "The password is mostly a date or a year.",
    "regex": "The password is mostly a date or a year.",
    "user_inputs": "The password is too close to your name, your e-mail address or your organisation.",
    "dictionary": "The password is mostly made of words that everybody uses in passwords.",
}
_EASY = "The password is easily guessed. Add a word or two that nobody would expect."


def _guess_reason(password: str, owner: Owner, *, with_factor: bool) -> str:
    known = {**matching.RANKED_DICTIONARIES, "user_inputs": matching.build_ranked_dict(owner.words())}
    counted = password[:_MOST_COUNTED]
    # Not zxcvbn.zxcvbn: it keeps the words of the person it was last asked about where every thread sees them.
    matches: list[_Match] = matching.omnimatch(counted, known)
    found = scoring.most_guessable_match_sequence(counted, matches)
    if found["guesses"] < (_LEAST_GUESSES_WITH_FACTOR if with_factor else _LEAST_GUESSES):
        return _reason_of([piece for piece in found["sequence"] if piece["pattern"] != "bruteforce"])
    weak = [match for match in matches if _is_weak(match)]
    covered = {at for match in weak for at in range(match["i"], match["j"] + 1)}
    # Beside a second factor there need not be more than that in all.
    return _reason_of(weak) if not with_factor and len(counted) - len(covered) < _LEAST_OWN else ""


def _is_weak(match: _Match) -> bool:
    """Say whether a piece adds next to nothing: it is personal, a row of keys, or among the commonest passwords."""
    if len(match["token"]) < _SHORTEST_PIECE:
        return False
    if match["pattern"] != "dictionary":
        return match["pattern"] in ("sequence", "spatial", "repeat")
    own = match["dictionary_name"] == "user_inputs"
    return own or (match["dictionary_name"] == "passwords" and int(match["rank"]) <= _COMMON_RANK)


def _reason_of(pieces: list[_Match]) -> str:
    """Say what the longest of these pieces is."""
    if not pieces:
        return _EASY
    longest = max(pieces, key=lambda piece: len(piece["token"]))
    own = longest.get("dictionary_name") == "user_inputs"
    return _REASONS.get("user_inputs" if own else longest["pattern"], _EASY)


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
