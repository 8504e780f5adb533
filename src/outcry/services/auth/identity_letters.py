"""What people are told by mail of the providers that they may sign in by."""

from datetime import datetime

from outcry.services.auth.mailing import Letter


def identity_added(title: str, when: datetime) -> Letter:
    """Tell that somebody who signs in at a provider gets into the account."""
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


def _letter(subject: str, *paragraphs: str) -> Letter:
    return Letter(subject=subject, text="\n\n".join((*paragraphs, "Outcry")) + "\n")


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M UTC")
