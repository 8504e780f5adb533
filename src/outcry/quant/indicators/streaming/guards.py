"""Keeping undefined values away from a stream: a bar with NaN or infinity gives NaN and moves nothing.

A number differs from itself by 0, NaN and infinity by NaN; adding up such differences is the quickest test there is.
"""

from collections.abc import Callable

from outcry.quant.indicators.streaming.stream import Outputs


def guard_value(step: Callable[..., float], inputs: int, undefined: Outputs) -> Callable[..., Outputs]:
    """Return a push before a step with one output, which it gives as a tuple."""

    def push1(a: float) -> Outputs:
        return (step(a),) if a - a == 0.0 else undefined

    def push2(a: float, b: float) -> Outputs:
        return (step(a, b),) if a - a + b - b == 0.0 else undefined

    def push3(a: float, b: float, c: float) -> Outputs:
        return (step(a, b, c),) if a - a + b - b + c - c == 0.0 else undefined

    def push4(a: float, b: float, c: float, d: float) -> Outputs:
        return (step(a, b, c, d),) if a - a + b - b + c - c + d - d == 0.0 else undefined

    def push5(a: float, b: float, c: float, d: float, e: float) -> Outputs:
        return (step(a, b, c, d, e),) if a - a + b - b + c - c + d - d + e - e == 0.0 else undefined

    choices: tuple[Callable[..., Outputs], ...] = (push1, push2, push3, push4, push5)
    return choices[inputs - 1]


def guard_outputs(step: Callable[..., Outputs], inputs: int, undefined: Outputs) -> Callable[..., Outputs]:
    """Return a push before a step or a push that gives a tuple."""

    def push1(a: float) -> Outputs:
        return step(a) if a - a == 0.0 else undefined

    def push2(a: float, b: float) -> Outputs:
        return step(a, b) if a - a + b - b == 0.0 else undefined

    def push3(a: float, b: float, c: float) -> Outputs:
        return step(a, b, c) if a - a + b - b + c - c == 0.0 else undefined

    def push4(a: float, b: float, c: float, d: float) -> Outputs:
        return step(a, b, c, d) if a - a + b - b + c - c + d - d == 0.0 else undefined

    def push5(a: float, b: float, c: float, d: float, e: float) -> Outputs:
        return step(a, b, c, d, e) if a - a + b - b + c - c + d - d + e - e == 0.0 else undefined

    choices: tuple[Callable[..., Outputs], ...] = (push1, push2, push3, push4, push5)
    return choices[inputs - 1]
