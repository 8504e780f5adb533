"""What stands in the brackets of a function or an indicator, put to its place, and every mistake there named."""

import difflib
from collections.abc import Mapping, Sequence

from outcry.kit.errors import InvalidInputError
from outcry.quant.formula.assembling import Place
from outcry.quant.formula.errors import Fault
from outcry.quant.formula.functions import FUNCTIONS, Function
from outcry.quant.formula.meaning import Meaning, Reading, require
from outcry.quant.formula.nodes import Argument, Call, Name, Node
from outcry.quant.formula.printing import COMPARED, SUM, to_text, wrap
from outcry.quant.formula.program import Kind, Origin
from outcry.quant.formula.words import signature_of
from outcry.quant.indicators.computing import complete
from outcry.quant.indicators.definition import Indicator, Parameter


def bind_function(reader: Reading, node: Call, origin: Origin) -> Meaning:
    """Return what a call of a function of the language means."""
    word = node.word.lower()
    if word == "if":
        return _choice(reader, node, origin)
    function = FUNCTIONS[word]
    given = _placed(node, [slot.name for slot in function.slots], function.signature, more=function.more)
    return _lowered(reader, node, function, given, origin)


def _lowered(reader: Reading, node: Call, function: Function, given: Mapping[str, Node], origin: Origin) -> Meaning:
    slots = {slot.name: slot for slot in function.slots}
    wanted = {
        name: slots.get(name, function.slots[-1]) for name in [*slots, *(one for one in given if one not in slots)]
    }
    missing = [name for name, slot in wanted.items() if name not in given and slot.default is None]
    if missing:
        raise Fault("parameter", node.start, node.end, f"{missing[0]} is missing: {function.signature}.")
    series = [name for name, slot in wanted.items() if slot.kind]
    meanings = dict(zip(series, reader.read_all([given[name] for name in series], origin), strict=True))
    steps, texts = [], []
    for name, slot in wanted.items():
        if slot.kind:
            require(meanings[name], slot.kind, given[name], f"{function.name} takes a {slot.kind} there")
            steps.append(meanings[name].step)
            texts.append(meanings[name].text)
        else:
            bars = reader.whole(given[name], f"{name} of {function.name}", 1) if name in given else slot.default or 1
            steps.append(bars)
            texts.append(str(bars))
    step = function.lower(Place(reader.assembly, origin), *steps)
    if function.infix:
        left, right = (wrap(meanings[name].text, meanings[name].level, SUM) for name in series)
        return Meaning(step=step, kind=function.gives, text=f"{left} {function.name} {right}", level=COMPARED)
    return Meaning(step=step, kind=function.gives, text=f"{function.name}({', '.join(texts)})")


def _choice(reader: Reading, node: Call, origin: Origin) -> Meaning:
    given = _placed(node, ["condition", "a", "b"], "if(condition, a, b)")
    if len(given) < 3:
        raise Fault("parameter", node.start, node.end, "if takes three: if(condition, a, b).")
    condition, a, b = reader.read_all([given[name] for name in ("condition", "a", "b")], origin)
    require(condition, Kind.CONDITION, given["condition"], "if asks a condition first")
    require(b, a.kind, given["b"], f"both results of if must be alike: {a.text} is a {a.kind}")
    place = Place(reader.assembly, origin)
    if a.kind is Kind.NUMBER:
        step = place.number("choose", condition.step, a.step, b.step)
    else:
        step = place.condition("choose_condition", condition.step, a.step, b.step)
    return Meaning(step=step, kind=a.kind, text=f"if({condition.text}, {a.text}, {b.text})")


def _placed(node: Call, names: Sequence[str], signature: str, *, more: bool = False) -> dict[str, Node]:
    """Return what was given for each name; raises Fault for too many, twice the same, or a name that there is not."""
    placed: dict[str, Node] = {}
    for number, argument in enumerate(node.arguments):
        if argument.name:
            name = argument.name.lower()
        elif len(placed) < number or any(one.name for one in node.arguments[:number]):
            raise _misplaced(argument)
        elif number < len(names) or more:
            name = names[number] if number < len(names) else f"{names[-1]}{number}"
        else:
            message = f"{node.word.lower()} takes at most {len(names)}: {signature}."
            raise Fault("parameter", argument.start, argument.end, message)
        if name in placed or (argument.name and name not in names):
            raise _misnamed(node.word.lower(), argument, names, placed)
        placed[name] = argument.value
    return placed


def _misplaced(argument: Argument) -> Fault:
    message = "What is given by its place stands before what is given by its name."
    return Fault("parameter", argument.start, argument.end, message)


def _misnamed(word: str, argument: Argument, names: Sequence[str], placed: Mapping[str, Node]) -> Fault:
    end = argument.start + len(argument.name)
    if argument.name.lower() in placed:
        return Fault("parameter", argument.start, argument.end, f"{argument.name} of {word} is given twice.")
    if not names:
        return Fault("parameter", argument.start, end, f"{word} takes nothing.")
    near = difflib.get_close_matches(argument.name.lower(), names, n=1, cutoff=0.5)
    message = f"{word} has no {argument.name}; it takes {', '.join(names)}. To compare, write ==."
    return Fault("parameter", argument.start, end, message, near[0] if near else "")


def bind_indicator(reader: Reading, node: Name | Call, indicator: Indicator, origin: Origin) -> tuple[int, str]:
    """Return the step of an indicator, which has all its outputs, and its canonical text."""
    arguments = node.arguments if isinstance(node, Call) else ()
    series, taken = _series(reader, node, indicator, arguments, origin)
    others = tuple(one for one in arguments[taken:] if one.name.lower() not in series)
    rest = Call(word=indicator.name, arguments=others, start=node.start, end=node.end)
    given = _placed(rest, [one.name for one in indicator.parameters], signature_of(indicator))
    settings = _settings(reader, indicator, given, node)
    place = Place(reader.assembly, origin)
    inputs = [series[name].step if name in series else place.column(name) for name in indicator.inputs]
    step = place.number("indicator", *inputs, settings=(indicator.name, *settings.values()))
    own = [meaning.text for name, meaning in series.items() if name == "other" or meaning.text != "close"]
    texts = own + [_setting_text(one, settings[one.name]) for one in indicator.parameters]
    return step, f"{indicator.name}({', '.join(texts)})" if texts else indicator.name


def _series(
    reader: Reading, node: Node, indicator: Indicator, arguments: Sequence[Argument], origin: Origin
) -> tuple[dict[str, Meaning], int]:
    """Return the series that are given, by the input that each stands for, and how many came by their place."""
    slots = ["close"] if indicator.series and "close" in indicator.inputs else []
    slots += ["other"] if "other" in indicator.inputs else []
    series: dict[str, Meaning] = {}
    for argument in arguments:
        if argument.name.lower() in slots and argument.name.lower() not in series:
            series[argument.name.lower()] = _numbers(reader, argument.value, indicator, origin)
    first = _leading(reader, indicator, arguments[: len(slots) - len(series)], origin)
    # One series of two is the other one: the closes are there anyway.
    free = [slot for slot in slots if slot not in series]
    series.update(zip(free[len(free) - len(first) :], first, strict=True))
    if "other" in slots and "other" not in series:
        example = f"{indicator.name}(SPY.close)"
        message = f"{indicator.name} compares with a second series, as in {example}."
        raise Fault("parameter", node.start, node.end, message, example)
    return {slot: series[slot] for slot in slots if slot in series}, len(first)


def _leading(reader: Reading, indicator: Indicator, arguments: Sequence[Argument], origin: Origin) -> list[Meaning]:
    """Return what comes before the settings: what may change from bar to bar is a series."""
    series: list[Meaning] = []
    for argument in arguments:
        if argument.name:
            break
        meaning = _numbers(reader, argument.value, indicator, origin)
        if reader.assembly.value_of(meaning.step) is not None:
            break
        series.append(meaning)
    return series


def _numbers(reader: Reading, node: Node, indicator: Indicator, origin: Origin) -> Meaning:
    meaning = reader.read(node, origin)
    require(meaning, Kind.NUMBER, node, f"{indicator.name} takes numbers")
    return meaning


def _settings(reader: Reading, indicator: Indicator, given: Mapping[str, Node], node: Node) -> dict[str, float]:
    values = {}
    for parameter in indicator.parameters:
        if parameter.name in given:
            values[parameter.name] = _setting(reader, indicator, parameter, given[parameter.name])
    try:
        return complete(indicator, values)
    except InvalidInputError as error:
        first = error.errors[0]
        at = given.get(first["field"], node)
        message = f"{first['field']} of {indicator.name} {first['message']}"
        raise Fault("parameter", at.start, at.end, message) from None


def _setting(reader: Reading, indicator: Indicator, parameter: Parameter, node: Node) -> float:
    if parameter.choices and isinstance(node, Name):
        word = node.word.lower()
        if word in parameter.choices:
            return parameter.least + parameter.choices.index(word)
        near = difflib.get_close_matches(word, parameter.choices, n=1, cutoff=0.5)
        message = f"{parameter.name} of {indicator.name} is one of {', '.join(parameter.choices)}."
        raise Fault("parameter", node.start, node.end, message, near[0] if near else "")
    return reader.constant(node, f"{parameter.name} of {indicator.name}")


def _setting_text(parameter: Parameter, value: float) -> str:
    return parameter.choices[int(value - parameter.least)] if parameter.choices else to_text(value)
