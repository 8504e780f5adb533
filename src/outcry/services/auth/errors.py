"""What can go wrong with who somebody is."""

from outcry.kit.errors import ConflictError, UnauthenticatedError


class EmailTakenError(ConflictError):
    """Somebody has registered with this e-mail address."""

    code, title = "email_taken", "This e-mail address is taken"


class WrongCredentialsError(UnauthenticatedError):
    """The same for an unknown account, a wrong password and a disabled person."""

    code, title = "wrong_credentials", "The e-mail address or the password is not right"


class SessionEndedError(UnauthenticatedError):
    """The refresh token is not one that may be used: unknown, used up, too old, or its session has ended."""

    code, title = "session_ended", "You are signed out"
