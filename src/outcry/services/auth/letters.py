"""The words of every mail that the auth service sends: plain text, one function a letter.

What people wrote themselves (names) is shown on one line, without anything that a mail program could make a link of.
Links are ours, made by ``Mailing.link``.
"""

from datetime import datetime

from outcry.kit.text import to_plain_line
from outcry.services.auth.identity import Client
from outcry.services.auth.mailing import Letter

_MOST_SHOWN = 60
_SIGNED = "\n\nOutcry"
_BROWSERS = ("Firefox", "Edg", "Chrome", "Safari", "Windows", "Mac OS", "Android", "iPhone", "iPad", "Linux")
_NOT_YOU = (
    "If this was not you, somebody else is in your account: sign in, end all other sessions, and change your password "
    "and your second factors under Account."
)


def shown(text: str) -> str:
    """Return what somebody wrote as it may stand in a letter: one short line without links or markup."""
    return to_plain_line(text, _MOST_SHOWN) or "…"


def _letter(subject: str, *paragraphs: str) -> Letter:
    return Letter(subject=subject, text="\n\n".join(paragraphs) + _SIGNED + "\n")


_PLACES = {
    "role": "you are now {role} of {organisation}",
    "disabled": "you can no longer sign in to {organisation}",
    "enabled": "you can sign in to {organisation} again",
    "removed": "you are no longer a member of {organisation}",
}


def place_changed(organisation: str, act: str, role: str) -> Letter:
    """Go to a member whose place somebody else changed; ``act`` is one of MemberChanged, ``role`` theirs now."""
    name = shown(organisation)
    what = "you own {organisation} now" if role == "owner" else _PLACES["role" if act == "ownership" else act]
    sentence = what.format(organisation=name, role=f"an {role}" if role[0] in "aeiou" else f"a {role}")
    return _letter(
        f"Your place in {name} changed",
        f"An admin of the organisation changed your place: {sentence}.",
        "Your account and your other organisations are as they were. If you did not expect this, ask its admins.",
    )


def confirm_registration(link: str, *, minutes: int) -> Letter:
    """Go to somebody who registers: the link makes the account."""
    return _letter(
        "Confirm your e-mail address",
        "Somebody, we hope you, wants to make an account on Outcry with this address. Open this link to make it:",
        link,
        f"The link works once, for {minutes} minutes.",
        "If it was not you, do not open the link: there will be no account.",
    )


def already_registered(link: str) -> Letter:
    """Go to somebody who has an account, when the address is registered again."""
    return _letter(
        "You already have an account",
        "Somebody, perhaps you, tried to make an account on Outcry with this address. You have one already: sign "
        "in, or choose a new password, here:",
        link,
        "If it was not you, there is nothing to do: nothing was changed.",
    )


def recover(link: str, *, minutes: int) -> Letter:
    """Go to somebody who cannot sign in: the link chooses a new password."""
    return _letter(
        "Choose a new password",
        "Somebody, we hope you, asked for a new password for your account on Outcry. Open this link to choose one:",
        link,
        f"The link works once, for {minutes} minutes. A second factor is still asked for where you use one.",
        "If it was not you, there is nothing to do: your password stays as it is.",
    )


def nothing_to_recover() -> Letter:
    """Go to an address without an account, when somebody asks for a new password with it."""
    return _letter(
        "There is no account with this address",
        "Somebody, perhaps you, asked for a new password on Outcry with this address. There is no account with it that "
        "can be signed in to. If you have one, it has another address.",
        "If it was not you, there is nothing to do.",
    )


def password_changed(when: datetime, *, recovered: bool, recover_link: str) -> Letter:
    """Tell that the password is another one, or there is one now."""
    how = "by a link that was sent to this address" if recovered else "by somebody who was signed in"
    return _letter(
        "Your password was changed",
        f"The password of your account on Outcry was changed at {_moment(when)}, {how}. Every other sign-in was ended.",
        f"If it was not you, choose a new password at once: {recover_link}",
    )


def password_removed(when: datetime, *, recover_link: str) -> Letter:
    """Tell that there is no password any more."""
    return _letter(
        "Your password was removed",
        f"The password of your account on Outcry was removed at {_moment(when)}. You sign in with a passkey now.",
        f"If it was not you, choose a new password at once: {recover_link}",
    )


def confirm_email(link: str, *, minutes: int) -> Letter:
    """Go to an address that somebody signed in says is theirs."""
    return _letter(
        "Confirm this e-mail address",
        "Somebody, we hope you, says that this is their address on Outcry. Open this link to confirm it:",
        link,
        f"The link works once, for {minutes} minutes.",
        "If it was not you, do not open the link.",
    )


def email_in_use(link: str) -> Letter:
    """Go to somebody whose address another account wanted to take."""
    return _letter(
        "Somebody wanted to use your address",
        "Somebody signed in to another account on Outcry, perhaps you, wanted to change its address to this one. This "
        f"address belongs to your account, so nothing was changed. You sign in to it here: {link}",
    )


def email_changed(undo_link: str, *, days: int, when: datetime) -> Letter:
    """Go to the old address after the change."""
    return _letter(
        "The e-mail address of your account was changed",
        f"Your account on Outcry got another e-mail address at {_moment(when)}.",
        f"If it was not you, put this address back. The link works for {days} days, and signs everybody out:",
        undo_link,
    )


def email_restored(recover_link: str, *, when: datetime) -> Letter:
    """Go to an address that was put back."""
    return _letter(
        "Your e-mail address was put back",
        f"The address of your account on Outcry is this one again, since {_moment(when)}. Everybody was signed out.",
        f"Choose a new password now, as somebody else may know the old one: {recover_link}",
    )


def invitation(link: str, *, inviter: str, organisation: str, role: str, expires_at: datetime) -> Letter:
    """Go to somebody who is invited into an organisation."""
    return _letter(
        f"You are invited to {shown(organisation)}",
        f"{shown(inviter)} invites you to {shown(organisation)} on Outcry, as {role}. Open this link to accept:",
        link,
        f"The link works once, until {_moment(expires_at)}, for an account with this address.",
        "If you do not know who this is, there is nothing to do.",
    )


def identity_added(title: str, when: datetime) -> Letter:
    """Tell that somebody who signs in at a provider gets into the account; ``title`` is the operator's."""
    return _letter(
        f"You can sign in by {title} now",
        f"Your account on Outcry was connected with {title} at {_moment(when)}. Whoever signs in there as you gets in.",
        "If it was not you, sign in, disconnect it in the settings of your account, and end the sessions that you do "
        "not know.",
    )


def identity_removed(title: str, when: datetime) -> Letter:
    """Tell that a provider does not let anybody in any more."""
    return _letter(
        f"You cannot sign in by {title} any more",
        f"Your account on Outcry was disconnected from {title} at {_moment(when)}.",
        "If it was not you, sign in, end the sessions that you do not know, and change your password.",
    )


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M UTC")


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
    where = f"Address: {client.address}\nBrowser: {_browser(client.user_agent)}"
    paragraphs = [f"{what}.", where, more, _NOT_YOU]
    return _letter(what, *(part for part in paragraphs if part))


def _browser(user_agent: str) -> str:
    """Return the names that we know of a browser and its system: the rest is whatever the sender likes."""
    found = (name for name in _BROWSERS if name in user_agent)
    return ", ".join(found) or "unknown"
