"""What can go wrong with model servers."""

from outcry.kit.errors import ConflictError


class KeyUnreadableError(ConflictError):
    """The stored key was sealed with a master secret that is no longer there."""

    code, title = "model_key_unreadable", "The stored key of the model server cannot be read: enter it again"
