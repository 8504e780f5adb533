"""Device cookies: a browser that gave the right password once is known to the throttle, per account.

The cookie is a random name, then for each account a MAC of name and account under the installation's index key. It
signs nobody in and skips nothing; it only says which counter of tries is the browser's.
"""

import base64
import hmac
import secrets

from outcry.services.auth.vault import Vault

MOST_ACCOUNTS = 5
_NAME_BYTES = 16
_LONGEST = 400


class KnownBrowsers:
    """Signs and reads device cookies."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def find(self, cookie: str | None, account: str) -> str:
        """Return the name of a browser that has signed in to this account, an empty text for any other."""
        name, marks = _split(cookie)
        expected = self._mark(name, account)
        return name if any(hmac.compare_digest(mark, expected) for mark in marks) else ""

    def remember(self, cookie: str | None, account: str) -> str:
        """Return the cookie of a browser from which the right password of this account was given just now.

        The accounts before it stay, up to five, if there are any of our own marking.
        """
        name, marks = _split(cookie)
        # A name that came without a mark may be anybody's choice, such as one that is shared by many browsers.
        if not marks:
            name = secrets.token_urlsafe(_NAME_BYTES)
        mark = self._mark(name, account)
        kept = [other for other in marks if other != mark][: MOST_ACCOUNTS - 1]
        return ".".join((name, mark, *kept))

    def _mark(self, name: str, account: str) -> str:
        digest = self._vault.keyed_hash("browser", f"{name}\n{account}")[:_NAME_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _split(cookie: str | None) -> tuple[str, list[str]]:
    if not cookie or len(cookie) > _LONGEST or not cookie.isascii():
        return "", []
    name, *marks = cookie.split(".")
    return (name, marks[:MOST_ACCOUNTS]) if name else ("", [])
