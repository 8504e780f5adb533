"""What can go wrong with formulas over recorded bars."""

from outcry.kit.errors import InvalidInputError, NotFoundError, UnavailableError


class FormulaTooDearError(InvalidInputError):
    """The cost of one bar times the number of recorded bars is too large; nothing was evaluated."""

    code, title = "formula_too_dear", "Evaluating this formula would cost too much"


class FormulaTooSlowError(UnavailableError):
    """The evaluation was stopped when its time was over."""

    code, title = "formula_too_slow", "Evaluating this formula took too long"


class NoSuchBarError(NotFoundError):
    """No bar that is over is recorded at or before that time."""

    code, title = "no_such_bar", "There is no bar at that time"
