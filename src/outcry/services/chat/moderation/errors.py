"""Why moderation lets somebody not do something."""

from outcry.kit.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RateLimitedError


class SilencedError(ForbiddenError):
    """A moderator took this person's voice in the room, for a time or until it is given back."""

    code, title = "silenced", "You are silenced in this room"


class BannedError(ForbiddenError):
    """This person may not come into the room."""

    code, title = "banned", "This person is banned from the room"


class SlowModeError(RateLimitedError):
    """The room is in slow mode, and the person's last message is too new; ``wait_s`` says how long it still is."""

    code, title = "slow_mode", "This room is in slow mode"


class UnwantedWordsError(InvalidInputError):
    """The text has words that are not wanted here."""

    code, title = "unwanted_words", "There are words in this that are not wanted here"


class WordsImpossibleError(InvalidInputError):
    """An entry of a word list has no word in it."""

    code, title = "words_impossible", "This is no word"


class CaseNotFoundError(NotFoundError):
    """There is no such case, or it is for others to decide."""

    code, title = "case_not_found", "There is nothing to review here"


class CaseDecidedError(ConflictError):
    """Somebody decided this before."""

    code, title = "case_decided", "Somebody has decided this already"


class OwnMessageError(ConflictError):
    """One's own message is reported by others, and decided about by others."""

    code, title = "own_message", "This is your own message"
