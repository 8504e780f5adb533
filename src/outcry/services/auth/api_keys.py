"""The form of keys for programs: ``outcry_``, eight characters that may be shown, and 256 random bits."""

import secrets
from dataclasses import dataclass, field

from outcry.services.auth.contracts import KEY_MARK

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was just made: ``token`` is shown once, ``prefix`` always."""

    token: str = field(repr=False)
    prefix: str


def make_key() -> NewKey:
    """Return a new key."""
    # Hexadecimal, so that the underscores part it without doubt.
    prefix = KEY_MARK + secrets.token_hex(_SHOWN // 2)
    return NewKey(token=f"{prefix}_{secrets.token_urlsafe(32)}", prefix=prefix)
