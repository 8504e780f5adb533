"""From text to its syntax tree."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, cast

from outcry.quant.formula import limits
from outcry.quant.formula.errors import Fault, FormulaError, locate
from outcry.quant.formula.grammar import GRAMMAR
from outcry.quant.formula.nodes import (
    Argument,
    At,
    Binary,
    Call,
    Chain,
    Member,
    Name,
    Node,
    Number,
    Past,
    Quoted,
    Unary,
)

_SIGNS = {
    "||": "or", "|": "or", "&&": "and", "&": "and", "!": "not", "−": "-", "×": "*", "÷": "/", "**": "^",
    "=": "==", "≥": ">=", "≤": "<=", "≠": "!=", "<>": "!=",
}  # fmt: skip
_SUFFIXES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
_INFIX = ("and", "or", "crosses_above", "crosses_below")
_EXPECTED = {
    "CLOSE_CALL": "a closing )",
    "CLOSE_INDEX": "a closing ]",
    "NUMBER": "a value",
}


def parse(text: str) -> Node:
    """Return the syntax tree of a formula; raises FormulaError at the first piece that cannot be read."""
    from lark import exceptions

    if len(text) > limits.MOST_CHARACTERS:
        message = f"A formula has at most {limits.MOST_CHARACTERS:,} characters; this one has {len(text):,}."
        raise FormulaError(problems=[locate(text, "limit", limits.MOST_CHARACTERS, len(text), message)])
    try:
        return _parser()(text)
    except Fault as fault:
        raise FormulaError(problems=[fault.at(text)]) from None
    except exceptions.UnexpectedInput as error:
        place = len(text.rstrip()) if _is_end(error) else cast(int, error.pos_in_stream)
        expected = getattr(error, "expected", None) or getattr(error, "allowed", None) or set()
        raise _unexpected(text, place, set(expected)) from None


@cache
def _parser() -> Callable[[str], Node]:
    """The parser, made when the first formula is read: lark takes its time, and the start shall not wait for it."""
    from lark import Lark

    lark = Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Builder())
    return cast(Callable[[str], Node], lark.parse)


def _is_end(error: Any) -> bool:  # lark's exceptions of the three kinds
    token = getattr(error, "token", None)
    return token is not None and token.type == "$END"


def _unexpected(text: str, place: int, expected: set[str]) -> FormulaError:
    piece = _piece(text, place)
    value_wanted = "NUMBER" in expected
    suggestion = ""
    if not text.strip():
        message = "Write a condition, such as rsi(14) > 70."
    elif not piece:
        wanted = [phrase for name, phrase in _EXPECTED.items() if name in expected]
        message = f"The formula ends too early: {wanted[0] if wanted else 'more'} is missing."
    elif value_wanted:
        message = f"A value is missing before {piece}." if not piece[0].isalnum() else f"{piece} cannot stand here."
    else:
        near = difflib.get_close_matches(piece.lower(), _INFIX, n=1, cutoff=0.6)
        if piece.lower() in ("cross", "crosses", "crossed", "crossing"):
            near = ["crosses_above"]
        suggestion = near[0] if near else ""
        message = f"{piece} cannot stand here" + (
            f". Did you mean {suggestion}?" if suggestion else _instead(text[:place])
        )
    return FormulaError(problems=[locate(text, "syntax", place, place + max(1, len(piece)), message, suggestion)])


def _instead(before: str) -> str:
    closing = "a closing ), " if before.count("(") > before.count(")") else ""
    return f": {closing}a sign such as + or >, or a word such as and or crosses_above is expected."


def _piece(text: str, place: int) -> str:
    end = place
    while end < len(text) and (text[end].isalnum() or text[end] == "_") and end - place < 40:
        end += 1
    return text[place : max(end, place + 1)].strip()


def _level(*children: Node) -> int:
    depth = 1 + max(child.depth for child in children)
    if depth > limits.MOST_DEPTH:
        message = f"The formula is nested too deeply: at most {limits.MOST_DEPTH} levels."
        raise Fault("limit", children[-1].start, children[-1].end, message)
    return depth


def _sign(token: Any) -> str:  # a lark token, which is a str with its place
    word = str(token).lower()
    if word.startswith("crosses"):
        return "crosses_above" if word.endswith(("above", "over")) else "crosses_below"
    return _SIGNS.get(word, word)


def _binary(sign: str, left: Node, right: Node) -> Binary:
    return Binary(sign=sign, left=left, right=right, start=left.start, end=right.end, depth=_level(left, right))


def _chain(_: object, children: Sequence[Any]) -> Node:
    """Fold ``a + b - c`` from the left."""
    tree = cast(Node, children[0])
    for token, right in zip(children[1::2], children[2::2], strict=True):
        tree = _binary(_sign(token), tree, right)
    return tree


class _Builder:
    """Makes the nodes, rule by rule, while lark reads; the methods have the names of the rules."""

    choice = both = sum = product = power = _chain

    def start(self, children: Sequence[Any]) -> Node:
        return cast(Node, children[0])

    def negated(self, children: Sequence[Any]) -> Node:
        return self.sign(children)

    def sign(self, children: Sequence[Any]) -> Node:
        token, value = children
        if str(token) == "+":
            return cast(Node, value)
        return Unary(sign=_sign(token), value=value, start=token.start_pos, end=value.end, depth=_level(value))

    def compared(self, children: Sequence[Any]) -> Node:
        signs, values = tuple(_sign(token) for token in children[1::2]), tuple(children[0::2])
        if len(signs) == 1:
            return _binary(signs[0], *values)
        if not all(sign.startswith(("<", ">")) for sign in signs):
            token = children[3]
            message = f"{token} cannot stand behind another comparison. Write and between the two."
            raise Fault("syntax", token.start_pos, token.end_pos, message)
        start, end = values[0].start, values[-1].end
        return Chain(signs=signs, values=values, start=start, end=end, depth=_level(*values))

    def past(self, children: Sequence[Any]) -> Node:
        value, back, closing = children
        return Past(value=value, back=back, start=value.start, end=closing.end_pos, depth=_level(value, back))

    def at(self, children: Sequence[Any]) -> Node:
        value, token = children
        timeframe = str(token)[1:].strip()
        return At(value=value, timeframe=timeframe, start=value.start, end=token.end_pos, depth=_level(value))

    def member(self, children: Sequence[Any]) -> Node:
        owner, word = children
        return Member(owner=owner, word=word, start=owner.start, end=word.end, depth=_level(owner, word))

    def group(self, children: Sequence[Any]) -> Node:
        opening, value, closing = children
        # A piece of the text has both of its brackets, or none.
        return replace(cast(Node, value), start=opening.start_pos, end=closing.end_pos)

    def number(self, children: Sequence[Any]) -> Node:
        token = children[0]
        digits = str(token).replace("_", "")
        figures = digits.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%")
        suffix = digits[len(figures) :]
        if suffix not in _SUFFIXES:
            raise Fault("syntax", token.start_pos, token.end_pos, *_suffix_advice(figures, suffix))
        value = float(figures) * _SUFFIXES[suffix]
        if value > 1e300:
            raise Fault("syntax", token.start_pos, token.end_pos, "The number is too large.")
        return Number(value=value, start=token.start_pos, end=token.end_pos)

    def quoted(self, children: Sequence[Any]) -> Node:
        token = children[0]
        return Quoted(symbol=str(token)[1:-1].strip(), start=token.start_pos, end=token.end_pos)

    def name(self, children: Sequence[Any]) -> Node:
        token = children[0]
        return Name(word=str(token), start=token.start_pos, end=token.end_pos)

    def call(self, children: Sequence[Any]) -> Node:
        word, *arguments, closing = children
        given = tuple(argument for argument in arguments if argument is not None)
        depth = _level(*(argument.value for argument in given)) if given else 1
        return Call(word=str(word), arguments=given, start=word.start_pos, end=closing.end_pos, depth=depth)

    def given(self, children: Sequence[Any]) -> Node:
        value = children[0]
        return Argument(name="", value=value, start=value.start, end=value.end, depth=value.depth)

    def named(self, children: Sequence[Any]) -> Node:
        word, _, value = children
        return Argument(name=str(word), value=value, start=word.start_pos, end=value.end, depth=value.depth)


def _suffix_advice(figures: str, suffix: str) -> tuple[str, str]:
    if suffix == "%":
        share = float(figures) / 100
        return f"% could mean two things: write {share:g} for a factor, {figures} beside percent_change.", f"{share:g}"
    if suffix == "m":
        return f"{figures}m could be minutes or millions: write {figures}M for millions.", f"{figures}M"
    return f"{figures}{suffix} is not a number: K, M and B may follow one, for thousands, millions, billions.", figures
