"""What can go wrong with files."""

from outcry.kit.errors import ConflictError, InvalidInputError, NotFoundError, OutcryError


class FileMissingError(NotFoundError):
    """There is no such file, or the person is not in its room: the two look alike."""

    code, title = "file_not_found", "There is no such file"


class UnreadablePictureError(InvalidInputError):
    """A picture that would take too much memory to show."""

    code, title = "picture_too_large", "The picture has too many pixels"


class StorageFullError(ConflictError):
    """The organisation's files take all the room that they may."""

    code, title = "storage_full", "There is no room for more files"


class TooManyWaitingError(ConflictError):
    """The person has sent many files and posted none of them."""

    code, title = "too_many_unposted_files", "Too many files wait to be posted"


class RangeError(OutcryError):
    """The part that was asked for is beyond the end of the file."""

    code, status, title = "range_not_satisfiable", 416, "The file is shorter than that"
