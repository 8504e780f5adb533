"""What is wrong with a formula, where, and what was probably meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from outcry.kit.errors import InvalidInputError

_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaProblem:
    """One thing that is wrong.

    ``start`` and ``end`` are positions in the text (from 0, ``end`` not included), ``line`` and ``column`` the place
    of ``start`` as people count (from 1), ``text`` what stands there, ``message`` a sentence, ``suggestion`` a text to
    write instead of it, or nothing. ``code`` is one of syntax, unknown_word, type, parameter, limit.
    """

    code: str
    message: str
    suggestion: str
    start: int
    end: int
    line: int
    column: int
    text: str


class FormulaError(InvalidInputError):
    """A formula that cannot be used; ``problems`` has at least one, in the order of the text."""

    code, title = "formula_invalid", "The formula cannot be used"

    def __init__(
        self, detail: str = "", *, problems: Sequence[FormulaProblem] = (), errors: tuple[dict[str, str], ...] = ()
    ) -> None:
        self.problems = tuple(problems)
        if self.problems:
            first = self.problems[0]
            detail = detail or f"Line {first.line}, column {first.column}: {first.message}"
            errors = tuple({"field": f"text:{one.line}:{one.column}", "message": one.message} for one in self.problems)
        super().__init__(detail, errors=errors)


class Fault(Exception):  # noqa: N818  # never seen outside: it becomes a FormulaProblem as soon as the text is at hand
    """Something wrong at a place, on its way to where the text is known."""

    def __init__(self, code: str, start: int, end: int, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.code, self.start, self.end = code, start, end
        self.message, self.suggestion = message, suggestion

    def at(self, text: str) -> FormulaProblem:
        """Return the problem that it is in this text."""
        return locate(text, self.code, self.start, self.end, self.message, self.suggestion)


def locate(text: str, code: str, start: int, end: int, message: str, suggestion: str = "") -> FormulaProblem:
    """Return a problem with its line, its column and the piece of text that it is about."""
    start = min(start, len(text))
    line = text.count("\n", 0, start) + 1
    return FormulaProblem(
        code=code,
        message=message,
        suggestion=suggestion,
        start=start,
        end=max(start, min(end, len(text))),
        line=line,
        column=start - (text.rfind("\n", 0, start) + 1) + 1,
        text=text[start : min(end, start + _SHOWN)],
    )
