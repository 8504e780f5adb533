"""What can go wrong with what is done to a message."""

from outcry.kit.errors import ConflictError, InvalidInputError


class MessageGoneError(ConflictError):
    """The message was removed, withdrawn or erased: nothing can be done with it any more."""

    code, title = "message_gone", "This message is gone"


class StillWrittenError(ConflictError):
    """The AI is still writing this reply."""

    code, title = "still_streaming", "This reply is still being written: wait for its end, or stop it"


class TooLateError(ConflictError):
    """A message can be taken back for some seconds only."""

    code, title = "too_late", "It is too late to take this message back; it can still be removed"


class EditedTooOftenError(ConflictError):
    """All versions are kept, so there are not endlessly many."""

    code, title = "edited_too_often", "This message has been edited too often"


class TooManyReactionsError(ConflictError):
    """A message carries so many kinds of emoji at most."""

    code, title = "too_many_reactions", "This message has as many kinds of reactions as it can carry"


class TooManyPinsError(ConflictError):
    """A room has so many pins at most."""

    code, title = "too_many_pins", "This room has as many pinned messages as it can; unpin one first"


class NotEmojiError(InvalidInputError):
    """A reaction is one emoji."""

    code, title = "not_emoji", "This is not an emoji"
