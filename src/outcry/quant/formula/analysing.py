"""What is known of a formula before it runs: its type, its canonical text, what it needs and what it costs."""

from dataclasses import replace

from outcry.quant.formula import limits
from outcry.quant.formula.assembling import TooLargeFormula
from outcry.quant.formula.costs import cost_of, width_of
from outcry.quant.formula.errors import Fault, FormulaError
from outcry.quant.formula.meaning import Meaning, Skipped
from outcry.quant.formula.parsing import parse
from outcry.quant.formula.program import OWN, Formula, Origin, in_order
from outcry.quant.formula.reader import Reader


def analyse(text: str) -> Formula:
    """Return a formula ready to run; raises FormulaError with every mistake that can be told apart."""
    tree = parse(text)
    reader = Reader()
    try:
        meaning = reader.read(tree)
        meaning = replace(meaning, step=reader.assembly.bring(meaning.step, OWN))
    except Skipped:
        raise _error(text, reader.faults) from None
    except TooLargeFormula as error:
        raise _error(text, [Fault("limit", 0, len(text), str(error))]) from None
    formula = _formula(text, reader, meaning)
    if len(formula.text) > limits.MOST_CHARACTERS:
        message = f"Written out, the formula has more than {limits.MOST_CHARACTERS:,} characters."
        raise _error(text, [Fault("limit", 0, len(text), message)])
    return formula


def _error(text: str, faults: list[Fault]) -> FormulaError:
    problems = {fault.at(text): None for fault in faults}
    return FormulaError(problems=sorted(problems, key=lambda one: (one.start, one.end)))


def _formula(text: str, reader: Reader, meaning: Meaning) -> Formula:
    """Leave out the steps that only helped to read, and number the others anew."""
    steps, look_backs = reader.assembly.steps, reader.assembly.look_backs
    places = in_order(steps, meaning.step)
    kept = tuple(replace(steps[old], inputs=tuple(places[one] for one in steps[old].inputs)) for old in places)
    needed: dict[Origin, int] = {OWN: 1}
    for old in places:
        for origin, bars in look_backs[old].items():
            needed[origin] = max(needed.get(origin, 0), bars)
    return Formula(
        text=meaning.text,
        source=text,
        kind=meaning.kind,
        look_back=needed,
        cost=sum(cost_of(step) for step in kept),
        width=width_of(kept),
        parts=tuple(replace(part, step=places[part.step]) for part in reader.parts if part.step in places),
        steps=kept,
        result=places[meaning.step],
    )
