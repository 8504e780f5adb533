"""What can go wrong with who somebody is."""

from outcry.kit.errors import ConflictError, NotFoundError, UnauthenticatedError


class EmailTakenError(ConflictError):
    """Somebody has registered with this e-mail address."""

    code, title = "email_taken", "This e-mail address is taken"


class WrongCredentialsError(UnauthenticatedError):
    """The same for an unknown account, a wrong password and a disabled person."""

    code, title = "wrong_credentials", "The e-mail address or the password is not right"


class SessionEndedError(UnauthenticatedError):
    """The refresh token is not one that may be used: unknown, used up, too old, or its session has ended."""

    code, title = "session_ended", "You are signed out"


class SessionNotFoundError(NotFoundError):
    """There is no such session, it has ended, or it is somebody else's."""

    code, title = "session_not_found", "There is no such session"


class ApiKeyNotFoundError(NotFoundError):
    """There is no such key, it was revoked, or it is somebody else's."""

    code, title = "api_key_not_found", "There is no such key"


class TooManyKeysError(ConflictError):
    """The plan has no more keys for this person."""

    code, title = "too_many_keys", "There are too many keys"
