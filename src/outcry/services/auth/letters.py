"""The texts of all mails: one function a letter. None of them carries a secret but the link that it is about."""

from outcry.services.auth.identity import Client
from outcry.services.auth.mailing import Letter

_NOT_YOU = (
    "If this was not you, somebody else is in your account: sign in, end all other sessions, and change your password "
    "and your second factors under Account."
)


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
