"""The Challenges port: lets a browser show that a person sits before it."""

import re
from dataclasses import dataclass
from typing import Protocol

LONGEST_RESPONSE = 8_192
_RESPONSE = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_RESPONSE}}}")


def is_response(text: str) -> bool:
    """Say whether this could be what a widget gave: one word of visible ASCII."""
    return _RESPONSE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """What a page needs to show a challenge.

    Args:
        provider: whose interface the script has: ``turnstile`` or ``hcaptcha``.
        site_key: which site this is there; everybody may know it.
        script: where the script is.
        origins: what the page's policy has to let load, frame, style and call.
    """

    provider: str
    site_key: str
    script: str
    origins: tuple[str, ...]


class Challenges(Protocol):
    """Asks the maker of a widget whether its challenge was solved."""

    @property
    def widget(self) -> Widget | None:
        """What pages show; None where nobody is ever asked."""
        ...

    async def start(self) -> None:
        """Make ready to verify; nobody is asked anything yet. Raises UnavailableError where a secret is missing."""
        ...

    async def verify(self, response: str, *, address: str) -> bool:
        """Say whether this is the response to a challenge that was just solved. Each is good once.

        ``address`` is where it came from. Raises UnavailableError when nobody can tell: the server does not answer,
        answers nonsense, or does not take our secret.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
