"""Log entries that nobody can forge: what came from outside may hold line breaks, and codes that terminals obey."""

import logging
from types import TracebackType

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_CONTINUED = "  | "


class LineFormatter(logging.Formatter):
    """Writes each entry as one line, and what belongs to it, such as a traceback, as lines that begin with a bar.

    What cannot be seen in an entry (controls, line separators, changes of direction, halves of characters) is written
    as Python would: ``\\n``, ``\\x1b``, ``\\u202e``.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the standard library's name
        """Return the entry itself."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  # the standard library's name
        """Return a traceback."""
        return _continue(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  # the standard library's name
        """Return a stack."""
        return _continue(super().formatStack(stack_info))


def visible(text: str) -> str:
    """Return a text with nothing in it that cannot be seen, but spaces."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _continue(text: str) -> str:
    return "\n".join(_CONTINUED + visible(line) for line in text.split("\n"))
