"""E-mail addresses and names, made uniform before anything compares or stores them."""

import unicodedata
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

from outcry.kit.errors import InvalidInputError
from outcry.kit.text import clean_line
from outcry.services.auth.look_alikes import hidden_character, mixed_word, mixes_scripts

MAX_NAME = 80
MAX_USER_AGENT = 300
_MAX_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
# Letters by their category, yet nothing to see: fillers of Hangul, and the empty Braille cell.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An address as its owner wrote it, and the key by which two spellings of it are the same."""

    shown: str
    key: str

    @property
    def local_part(self) -> str:
        """What stands before the @."""
        return self.key.rpartition("@")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What a request came from: the network address, the browser by its own word, and the session it had.

    ``challenge_response`` is what the widget of a challenge gave.
    """

    address: str
    user_agent: str
    refresh_token: str | None = field(default=None, repr=False)
    challenge_response: str = field(default="", repr=False)


def read_email(text: str) -> Email:
    """Return an address in its uniform form; raises InvalidInputError with the reason.

    The domain is not looked up, and need not be one that the public internet knows: companies have their own. The
    local part, and each part of the domain, is of one script: letters of another may look the same.
    """
    email = _parse_email(text)
    local, _, domain = email.shown.rpartition("@")
    for part in (local, *domain.split(".")):
        if mixes_scripts(part):
            reason = f"{part} mixes letters of several alphabets, which may look alike. Type it anew on one keyboard."
            raise InvalidInputError(reason, errors=({"field": "email", "message": reason},))
    return email


def _parse_email(text: str) -> Email:
    try:
        if len(text) > _MAX_EMAIL:
            raise EmailNotValidError("The email address is too long.")
        found = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, test_environment=True
        )
    except EmailNotValidError as error:
        reason = str(error).replace("email", "e-mail")
        raise InvalidInputError(reason, errors=({"field": "email", "message": reason},)) from error
    folded = unicodedata.normalize("NFKC", found.normalized).lower()
    return Email(shown=found.normalized, key=unicodedata.normalize("NFKC", folded))


def find_email(text: str) -> Email | None:
    """Return an address in its uniform form, None when it is not one.

    Unlike ``read_email`` it takes mixed scripts: somebody may have had such an account before they were refused.
    """
    try:
        return _parse_email(text)
    except InvalidInputError:
        return None


def read_name(text: str) -> str:
    """Return a person's name as one clean line; raises InvalidInputError unless it can be seen and is short."""
    return _read_line(text, missing="Write your name, as colleagues should see it.")


def read_organisation_name(text: str) -> str:
    """Return an organisation's name as one clean line; raises InvalidInputError like ``read_name``."""
    return _read_line(text, missing="Write a name for the organisation.")


def _read_line(text: str, *, missing: str) -> str:
    name = clean_line(text)
    hidden, mixed = hidden_character(text), mixed_word(name)
    if hidden and name:
        reason = f"The name has a character that cannot be seen (U+{ord(hidden):04X}). Type it anew, without copying."
    elif mixed:
        reason = f"{mixed} mixes letters of several alphabets, which may look alike. Write each word in one."
    elif not any(_is_visible(character) for character in name):
        reason = missing
    elif len(name) > MAX_NAME:
        reason = f"The name may have at most {MAX_NAME} characters."
    else:
        return name
    raise InvalidInputError(reason, errors=({"field": "name", "message": reason},))


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _INVISIBLE


def read_client(
    host: str | None, user_agent: str, refresh_token: str | None = None, challenge_response: str | None = None
) -> Client:
    """Return what a request came from. ``host`` is the peer's address as the server gives it."""
    return Client(
        address=(host or "unknown")[:64],
        user_agent=clean_line(user_agent)[:MAX_USER_AGENT],
        refresh_token=refresh_token,
        challenge_response=challenge_response or "",
    )
