"""From the syntax tree to typed steps, with the canonical text beside them and every mistake named at its place."""

from collections.abc import Callable, Sequence

from outcry.quant.formula import limits
from outcry.quant.formula.assembling import Assembly, Place, TooLargeFormula, is_known
from outcry.quant.formula.calls import bind_function, bind_indicator
from outcry.quant.formula.errors import Fault
from outcry.quant.formula.functions import FUNCTIONS, crosses
from outcry.quant.formula.meaning import Bundle, Meaning, Skipped, require, unknown
from outcry.quant.formula.nodes import At, Binary, Call, Chain, Member, Name, Node, Number, Past, Quoted, Unary
from outcry.quant.formula.origins import symbol_of, timeframe_of
from outcry.quant.formula.printing import (
    COMPARED,
    LEVELS,
    NOT,
    POSTFIX,
    SIGNED,
    SUM,
    needs_quotes,
    quote,
    to_text,
    wrap,
)
from outcry.quant.formula.program import OWN, Kind, Origin, Part
from outcry.quant.formula.words import COLUMNS, MEANS, is_indicator
from outcry.quant.indicators.catalogue import CATALOGUE

_OPERATIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power"}


class Reader:
    """Reads a tree; ``faults`` has what was wrong, and ``parts`` what has a value."""

    def __init__(self) -> None:
        self.assembly = Assembly()
        self.faults: list[Fault] = []
        self.parts: list[Part] = []
        self._depth = 0
        self._readers: dict[type[Node], Callable[..., Meaning]] = {
            Number: self._number,
            Name: self._name,
            Quoted: self._quoted,
            Call: self._call,
            Member: self._member,
            Past: self._past,
            At: self._at,
            Unary: self._unary,
            Binary: self._binary,
            Chain: self._chain,
        }

    def read(self, node: Node, origin: Origin = OWN) -> Meaning:
        """Return what a node means to the bars of an origin; raises Skipped where something is wrong."""
        if len(self.faults) >= limits.MOST_PROBLEMS:
            raise Skipped
        noted = len(self.parts)
        # Where a value comes from is no level of its own: MSFT.close is one part, not two.
        level = 0 if isinstance(node, At | Member) else 1
        self._depth += level
        try:
            meaning = self._readers[type(node)](node, origin)
            value = self.assembly.value_of(meaning.step)
            if value is not None and not is_known(value):
                raise Fault("type", node.start, node.end, "This is not a number: it divides by zero, or is too large.")
        except TooLargeFormula as error:
            self.faults.append(Fault("limit", node.start, node.end, str(error)))
            raise Skipped from None
        except Fault as fault:
            self.faults.append(fault)
            raise Skipped from None
        finally:
            self._depth -= level
        if value is None:
            self._note(node, meaning, noted)
        return meaning

    def _note(self, node: Node, meaning: Meaning, place: int) -> None:
        """Note a part before those inside it, instead of the one that it only says the origin of."""
        part = Part(start=node.start, end=node.end, depth=self._depth + 1, kind=meaning.kind, step=meaning.step)
        inner = self.parts[place] if place < len(self.parts) else None
        replaced = inner is not None and (inner.depth, inner.step) == (part.depth, part.step)
        self.parts[place : place + replaced] = [part]

    def read_all(self, nodes: Sequence[Node], origin: Origin) -> list[Meaning]:
        """Return what several mean, and note the mistakes of all of them before raising Skipped."""
        meanings = []
        for node in nodes:
            try:
                meanings.append(self.read(node, origin))
            except Skipped:
                continue
        if len(meanings) < len(nodes):
            raise Skipped
        return meanings

    def constant(self, node: Node, what: str) -> float:
        """Return the number that a node is; raises Fault if it may change from bar to bar."""
        noted = len(self.parts)
        meaning = self.read(node)
        del self.parts[noted:]
        value = self.assembly.value_of(meaning.step)
        if value is None:
            raise Fault("type", node.start, node.end, f"{what} must be a number that does not change from bar to bar.")
        return value

    def whole(self, node: Node, what: str, least: int) -> int:
        """Return the number of bars that a node is; raises Fault."""
        value = self.constant(node, what)
        if value != int(value) or not least <= value <= limits.MOST_BACK:
            message = f"{what} must be a whole number from {least} to {limits.MOST_BACK}."
            raise Fault("parameter", node.start, node.end, message)
        return int(value)

    def _number(self, node: Number, _: Origin) -> Meaning:
        return Meaning(step=self.assembly.constant(node.value), kind=Kind.NUMBER, text=to_text(node.value))

    def _quoted(self, node: Quoted, _: Origin) -> Meaning:
        message = f"{quote(node.symbol)} is an instrument: say what of it, such as {quote(node.symbol)}.close."
        raise Fault("syntax", node.start, node.end, message, f"{quote(node.symbol)}.close")

    def _name(self, node: Name, origin: Origin) -> Meaning:
        word, place = node.word.lower(), Place(self.assembly, origin)
        if word in COLUMNS:
            return Meaning(step=place.column(word), kind=Kind.NUMBER, text=word)
        if word in MEANS:
            total, *others = (place.column(name) for name in MEANS[word])
            for other in others:
                total = place.number("add", total, other)
            mean = place.number("divide", total, place.constant(float(len(MEANS[word]))))
            return Meaning(step=mean, kind=Kind.NUMBER, text=word)
        if is_indicator(word):
            return self._chosen(self._bundle(node, origin), node)
        if word in FUNCTIONS:
            message = f"{word} is written {FUNCTIONS[word].signature}."
            raise Fault("parameter", node.start, node.end, message)
        raise unknown(node.word, node)

    def _call(self, node: Call, origin: Origin) -> Meaning:
        word = node.word.lower()
        if word in FUNCTIONS or word == "if":
            return bind_function(self, node, origin)
        if is_indicator(word):
            return self._chosen(self._bundle(node, origin), node)
        if word in COLUMNS or word in MEANS:
            message = f"{word} is a series and takes nothing in brackets; {word}[1] is its value a bar ago."
            raise Fault("syntax", node.start, node.end, message, word)
        raise unknown(node.word, node)

    def _member(self, node: Member, origin: Origin) -> Meaning:
        symbol = symbol_of(node)
        if not symbol:
            return self._chosen(self._bundle(node.owner, origin), node, node.word)
        inner = self.read(node.word, Origin(symbol=symbol, timeframe=origin.timeframe))
        return Meaning(step=inner.step, kind=inner.kind, text=f"{needs_quotes(symbol)}.{inner.text}")

    def _bundle(self, node: Node, origin: Origin) -> Bundle:
        if isinstance(node, Name | Call) and is_indicator(node.word.lower()):
            indicator = CATALOGUE[node.word.lower()]
            step, text = bind_indicator(self, node, indicator, origin)
            return Bundle(step=step, indicator=indicator, text=text, origin=origin)
        if isinstance(node, At):
            inner = self._bundle(node.value, Origin(symbol=origin.symbol, timeframe=timeframe_of(node)))
            return Bundle(
                step=inner.step,
                indicator=inner.indicator,
                text=f"{inner.text}@{timeframe_of(node)}",
                origin=inner.origin,
            )
        if isinstance(node, Member) and (symbol := symbol_of(node)):
            inner = self._bundle(node.word, Origin(symbol=symbol, timeframe=origin.timeframe))
            text = f"{needs_quotes(symbol)}.{inner.text}"
            return Bundle(step=inner.step, indicator=inner.indicator, text=text, origin=inner.origin)
        if isinstance(node, Name | Call):
            raise unknown(node.word, node)
        raise Fault("syntax", node.start, node.end, "Only an indicator has outputs behind a dot.")

    def _chosen(self, bundle: Bundle, node: Node, word: Node | None = None) -> Meaning:
        outputs = bundle.indicator.outputs
        names = ", ".join(outputs)
        if word is None:
            output = outputs[0] if len(outputs) == 1 else bundle.indicator.name
            if output not in outputs:
                example = f"{bundle.text}.{outputs[0]}"
                message = f"{bundle.indicator.name} has the outputs {names}: say which, such as {example}."
                raise Fault("type", node.start, node.end, message, example)
        else:
            output = word.word.lower() if isinstance(word, Name) else ""
            if output not in outputs:
                message = f"{bundle.indicator.name} has no such output; it has {names}."
                raise Fault("unknown_word", word.start, word.end, message, outputs[0])
        step = Place(self.assembly, bundle.origin).number(
            "output", bundle.step, settings=(float(outputs.index(output)),)
        )
        text = bundle.text if len(outputs) == 1 else f"{bundle.text}.{output}"
        return Meaning(step=step, kind=Kind.NUMBER, text=text)

    def _at(self, node: At, origin: Origin) -> Meaning:
        timeframe = timeframe_of(node)
        inner = self.read(node.value, Origin(symbol=origin.symbol, timeframe=timeframe))
        return Meaning(
            step=inner.step,
            kind=inner.kind,
            text=f"{wrap(inner.text, inner.level, POSTFIX)}@{timeframe}",
            level=POSTFIX,
        )

    def _past(self, node: Past, origin: Origin) -> Meaning:
        back = self.whole(node.back, "How many bars ago", 0)
        value = self.read(node.value, origin)
        step = value.step
        if self.assembly.value_of(step) is None:
            step = Place(self.assembly, origin).past(step, back)
        text = f"{wrap(value.text, value.level, POSTFIX)}[{back}]"
        return Meaning(step=step, kind=value.kind, text=text, level=POSTFIX)

    def _unary(self, node: Unary, origin: Origin) -> Meaning:
        value = self.read(node.value, origin)
        place = Place(self.assembly, origin)
        if node.sign == "not":
            require(value, Kind.CONDITION, node.value, "not stands before a condition, such as close > open")
            text = f"not {wrap(value.text, value.level, NOT)}"
            return Meaning(step=place.condition("not", value.step), kind=Kind.CONDITION, text=text, level=NOT)
        require(value, Kind.NUMBER, node.value, "a condition has no negative; write not before it")
        text = f"-{wrap(value.text, value.level, SIGNED)}"
        return Meaning(step=place.number("negative", value.step), kind=Kind.NUMBER, text=text, level=SIGNED)

    def _binary(self, node: Binary, origin: Origin) -> Meaning:
        left, right = self.read_all((node.left, node.right), origin)
        wanted = Kind.CONDITION if node.sign in ("and", "or") else Kind.NUMBER
        for side, one in ((left, node.left), (right, node.right)):
            require(side, wanted, one, _MISMATCHES.get(node.sign, _INCOMPARABLE))
        level, place = LEVELS[node.sign], Place(self.assembly, origin)
        # Of equals the left one is done first; powers go from the right.
        least_left, least_right = (POSTFIX, SIGNED) if node.sign == "^" else (level, level + 1)
        text = f"{wrap(left.text, left.level, least_left)} {node.sign} {wrap(right.text, right.level, least_right)}"
        if node.sign in _OPERATIONS:
            step = place.number(_OPERATIONS[node.sign], left.step, right.step)
            return Meaning(step=step, kind=Kind.NUMBER, text=text, level=level)
        if node.sign.startswith("crosses"):
            step = crosses(">" if node.sign == "crosses_above" else "<")(place, left.step, right.step)
        else:
            step = place.condition(node.sign, left.step, right.step)
        return Meaning(step=step, kind=Kind.CONDITION, text=text, level=level)

    def _chain(self, node: Chain, origin: Origin) -> Meaning:
        values = self.read_all(node.values, origin)
        for value, one in zip(values, node.values, strict=True):
            require(value, Kind.NUMBER, one, _INCOMPARABLE)
        place, text = Place(self.assembly, origin), wrap(values[0].text, values[0].level, SUM)
        holds = []
        for sign, left, right in zip(node.signs, values, values[1:], strict=False):
            holds.append(place.condition(sign, left.step, right.step))
            text += f" {sign} {wrap(right.text, right.level, SUM)}"
        step = holds[0]
        for other in holds[1:]:
            step = place.condition("and", step, other)
        return Meaning(step=step, kind=Kind.CONDITION, text=text, level=COMPARED)


_INCOMPARABLE = "a condition cannot be compared; it holds or not"
_MISMATCHES = {
    "+": "a condition cannot be added",
    "-": "a condition cannot be taken away",
    "*": "a condition cannot be multiplied",
    "/": "a condition cannot be divided",
    "^": "a condition has no powers",
    "and": "and stands between conditions",
    "or": "or stands between conditions",
}
