"""The texts of all mails: plain text, one function a letter. None carries a secret but the link that it is about.

What people wrote themselves (names) is shown on one line, without anything that a mail program could make a link of.
Links are ours, made by ``Mailing.link``.
"""

import re
from datetime import datetime

from outcry.kit.text import clean_line, shorten
from outcry.services.auth.identity import Client
from outcry.services.auth.mailing import Letter

_NOT_YOU = (
    "If this was not you, somebody else is in your account: sign in, end all other sessions, and change your password "
    "and your second factors under Account."
)
_MOST_SHOWN = 60
# Addresses with a scheme, and whatever looks like a host: a dot, a colon or a slash between two letters or digits.
_LINK = re.compile(r"\S*(?:://|www\.|@)\S*|\S*\w[.:/\\]\w\S*", re.IGNORECASE)
_MARKUP = re.compile(r"[<>\[\](){}|*_`#\"\\]")
_SIGNED = "\n\nOutcry"


def factor_added(factor: str, client: Client) -> Letter:
    """An authenticator app or a passkey was added; ``factor`` such as ``A passkey``."""
    return _notice(f"{factor} was added to your account", client)


def factor_changed(factor: str, client: Client) -> Letter:
    """A factor took the place of an older one."""
    return _notice(f"{factor} of your account was replaced", client)


def factor_removed(factor: str, client: Client) -> Letter:
    """A factor was removed."""
    return _notice(f"{factor} was removed from your account", client)


def recovery_code_used(left: int, client: Client) -> Letter:
    """Somebody used a recovery code."""
    more = "There is no other left" if left == 0 else f"{left} are left"
    return _notice("A recovery code of your account was used", client, f"{more}. You can make new ones under Account.")


def recovery_codes_renewed(client: Client) -> Letter:
    """There are new recovery codes, and the old ones ended."""
    return _notice("New recovery codes were made for your account", client, "The old ones do not work any more.")


def device_remembered(days: int, client: Client) -> Letter:
    """A browser need not show the second factor again."""
    return _notice(
        "A device is remembered for your account",
        client,
        f"For {days} days it will not be asked for your second factor. You can end that under Account.",
    )


def _notice(what: str, client: Client, more: str = "") -> Letter:
    where = f"Address: {client.address}\nBrowser: {client.user_agent or 'unknown'}"
    paragraphs = [f"{what}.", where, more, _NOT_YOU]
    return Letter(subject=what, text="\n\n".join(part for part in paragraphs if part) + "\n")


def shown(text: str) -> str:
    """Return what somebody wrote as it may stand in a letter: one short line without links or markup."""
    plain = clean_line(_MARKUP.sub(" ", _LINK.sub("…", clean_line(text))))
    return shorten(plain, _MOST_SHOWN) or "…"


def _letter(subject: str, *paragraphs: str) -> Letter:
    return Letter(subject=subject, text="\n\n".join(paragraphs) + _SIGNED + "\n")


def invitation(link: str, *, inviter: str, organisation: str, role: str, expires_at: datetime) -> Letter:
    """Go to somebody who is invited into an organisation."""
    return _letter(
        f"You are invited to {shown(organisation)}",
        f"{shown(inviter)} invites you to {shown(organisation)} on Outcry, as {role}. Open this link to accept:",
        link,
        f"The link works once, until {_moment(expires_at)}, for an account with this address.",
        "If you do not know who this is, there is nothing to do.",
    )


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M UTC")
