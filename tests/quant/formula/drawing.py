"""Random formulas of every construct, and random bars for them: ties, gaps, holes, constants, several origins."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from outcry.kit.market import Bars, Timeframe
from outcry.quant.formula.evaluating import Data, History
from outcry.quant.formula.evaluator import Bar, Evaluator
from outcry.quant.formula.functions import FUNCTIONS
from outcry.quant.formula.program import OWN, Kind, Origin
from outcry.quant.formula.words import COLUMNS, MEANS, is_indicator
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.definition import Indicator

HOUR = 3_600_000_000
SPY, DAY, SPY_DAY = (
    Origin(symbol="SPY"),
    Origin(timeframe=Timeframe.D1),
    Origin(symbol="SPY", timeframe=Timeframe.D1),
)
PLACES = {OWN: "{}", SPY: "SPY.{}", DAY: "{}@1d", SPY_DAY: "SPY.{}@1d"}
# Two computations that round differently need not agree on these: where nothing moves they divide what rounding left
# by what rounding left, or come to lie exactly on a limit, 100 to the last digit or a hair above it.
UNSTEADY = {"beta", "fosc", "tsi"}
INDICATORS = sorted(name for name in CATALOGUE if is_indicator(name) and name not in UNSTEADY)
_SMALL = st.integers(1, 12)


def constants() -> st.SearchStrategy[str]:
    """Numbers as people write them."""
    return st.one_of(
        st.sampled_from(["0", "1", "2", "30", "100", "0.5", "99.75", "1.5K", "-1", "1e3"]),
        st.integers(1, 200).map(str),
    )


@st.composite
def calls_of(draw: st.DrawFn, name: str) -> str:
    """An indicator with small settings in its range, one of its outputs, perhaps over another series."""
    indicator = CATALOGUE[name]
    series = []
    if "other" in indicator.inputs:
        series.append("other=" + draw(st.sampled_from(["SPY.close", "open", "volume"])))
    elif indicator.series and draw(st.booleans()):
        series.append(draw(st.sampled_from(["volume", "high", "hl2", "close[1]", "change(close)"])))
    arguments = series + [f"{key}={value:g}" for key, value in draw(settings_of(indicator)).items()]
    text = f"{name}({', '.join(arguments)})"
    return text if len(indicator.outputs) == 1 else f"{text}.{draw(st.sampled_from(indicator.outputs))}"


@st.composite
def settings_of(draw: st.DrawFn, indicator: Indicator) -> dict[str, float]:
    """Settings near the lower end of their range, in the order that the indicator asks for."""
    chosen: dict[str, float] = {}
    for one in indicator.parameters:
        if one.choices or not one.whole:
            continue
        chosen[one.name] = draw(st.integers(int(one.least), int(min(one.most, one.least + 8))))
    if indicator.order:
        smaller, larger = indicator.order
        if chosen.get(smaller, 0) >= chosen.get(larger, 1):
            chosen[larger] = chosen[smaller] + 1
    return chosen


def leaves() -> st.SearchStrategy[str]:
    """Series and indicators of every origin."""
    columns = st.sampled_from([*COLUMNS, *MEANS])
    indicators = st.sampled_from(INDICATORS).flatmap(calls_of)
    origins = st.sampled_from(sorted(PLACES.values()))
    plain = st.one_of(columns, columns, indicators)
    return st.one_of(plain, plain, st.builds(lambda place, text: place.format(text), origins, plain))


def _functions(kind: Kind) -> list[str]:
    return sorted(name for name, one in FUNCTIONS.items() if one.gives is kind)


@st.composite
def _function(draw: st.DrawFn, kind: Kind, numbers: st.SearchStrategy[str], conditions: st.SearchStrategy[str]) -> str:
    function = FUNCTIONS[draw(st.sampled_from(_functions(kind)))]
    given = []
    for slot in function.slots:
        if slot.kind is None:
            given.append(str(draw(_SMALL)))
        else:
            given.append(draw(numbers if slot.kind is Kind.NUMBER else conditions))
    if function.more and draw(st.booleans()):
        given.append(draw(numbers))
    return f"({given[0]}) {function.name} ({given[1]})" if function.infix else f"{function.name}({', '.join(given)})"


def _deeper_numbers(numbers: st.SearchStrategy[str], conditions: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, sign, b: f"({a} {sign} {b})", numbers, st.sampled_from("+-*/"), numbers | constants()),
        st.builds(lambda a, b: f"({a}) ^ {b}", numbers, st.sampled_from(["2", "0.5", "-1", "3"])),
        numbers.map(lambda a: f"-({a})"),
        st.builds(lambda a, n: f"({a})[{n}]", numbers, _SMALL),
        st.builds(lambda c, a, b: f"if({c}, {a}, {b})", conditions, numbers, numbers | constants()),
        numbers.map(lambda a: f"({a})@1d"),
        _function(Kind.NUMBER, numbers, conditions),
    )


def _deeper_conditions(numbers: st.SearchStrategy[str], conditions: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        comparisons(numbers),
        st.builds(lambda a, word, b: f"({a}) {word} ({b})", conditions, st.sampled_from(["and", "or"]), conditions),
        conditions.map(lambda a: f"not ({a})"),
        st.builds(lambda a, n: f"({a})[{n}]", conditions, _SMALL),
        st.builds(lambda c, a, b: f"if({c}, {a}, {b})", conditions, conditions, conditions),
        conditions.map(lambda a: f"({a})@1d"),
        _function(Kind.CONDITION, numbers, conditions),
    )


def comparisons(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Two numbers compared, or three."""
    signs = st.sampled_from([">", ">=", "<", "<=", "==", "!=", "crosses_above", "crosses_below"])
    two = st.builds(lambda a, sign, b: f"{a} {sign} {b}", numbers, signs, numbers | constants())
    bounds = st.sampled_from(["<", "<=", ">", ">="])
    three = st.builds(
        lambda a, one, b, other, c: f"{a} {one} {b} {other} {c}", constants(), bounds, numbers, bounds, numbers
    )
    return st.one_of(two, two, three)


def formulas(leaf: st.SearchStrategy[str] | None = None, levels: int = 2) -> st.SearchStrategy[str]:
    """Well-typed formulas of both kinds."""
    numbers = leaves() if leaf is None else leaf
    conditions = comparisons(numbers)
    for _ in range(levels):
        numbers, conditions = (
            st.one_of(numbers, _deeper_numbers(numbers, conditions)),
            st.one_of(conditions, _deeper_conditions(numbers, conditions)),
        )
    return st.one_of(numbers, conditions, conditions)


@dataclass(frozen=True)
class Shape:
    """How bars shall look."""

    count: int
    seed: int
    tick: float
    scale: float
    holes: float
    still: bool


def shapes(most: int = 90) -> st.SearchStrategy[Shape]:
    """Ways in which bars may look."""
    return st.builds(
        Shape,
        count=st.integers(1, most),
        seed=st.integers(0, 2**32 - 1),
        tick=st.sampled_from([0.0, 0.25, 1.0]),
        scale=st.sampled_from([1.0, 1.0, 1e-8, 1e6]),
        holes=st.sampled_from([0.0, 0.0, 0.05, 0.3]),
        still=st.booleans(),
    )


def make_bars(shape: Shape, seed: int, count: int, spacing: int) -> Bars:
    """Random bars; ``still`` ones stand still for a while, ``holes`` have no volume or price that is known."""
    random = np.random.default_rng([shape.seed, seed])
    moves = random.normal(0, 0.02, count)
    if shape.still:
        moves[random.random(count) < 0.6] = 0.0
    close = 100 * np.exp(np.cumsum(moves))
    opened = np.where(random.random(count) < 0.3, close, close * (1 + random.normal(0, 0.01, count)))
    if shape.tick:
        close, opened = (np.maximum(shape.tick, np.round(one / shape.tick) * shape.tick) for one in (close, opened))
    spread = 0.0 if shape.still else 0.01
    high = np.maximum(opened, close) * (1 + spread * random.random(count))
    low = np.minimum(opened, close) * (1 - spread * random.random(count))
    volume = random.integers(0, 50, count).astype(np.float64)
    volume[random.random(count) < shape.holes] = np.nan
    if shape.holes > 0.2:
        close[random.random(count) < 0.05] = random.choice([np.nan, np.inf])
    time = np.cumsum(random.integers(1, 3, count)).astype(np.int64) * spacing
    scale = shape.scale
    return Bars(
        time=time,
        open=opened * scale,
        high=high * scale,
        low=low * scale,
        close=close * scale,
        volume=volume,
        adjusted_close=np.full(count, np.nan),
    )


def make_data(shape: Shape) -> Data:
    """Hourly bars of the chart and of SPY, and longer ones of both, whose ends fall together or not."""
    data: dict[Origin, History] = {}
    for seed, origin in enumerate((OWN, SPY, DAY, SPY_DAY)):
        spacing = HOUR if origin.timeframe is None else 5 * HOUR
        count = shape.count if origin.timeframe is None else shape.count // 3
        bars = make_bars(shape, seed, count, spacing)
        data[origin] = History(bars=bars, ends=bars.time + spacing)
    return data


def cut(data: Data, last: int) -> Data:
    """Return what was known when the chart's own bar at ``last`` was over."""
    ends = data[OWN].ends
    assert ends is not None
    moment, known = ends[last], {}
    for origin, history in data.items():
        assert history.ends is not None
        count = last + 1 if origin == OWN else int(np.searchsorted(history.ends, moment, side="right"))
        known[origin] = History(bars=history.bars.between(0, count), ends=history.ends[:count])
    return known


def rows(history: History) -> list[tuple[Bar, int]]:
    """Return bars one by one, each with its end."""
    bars, ends = history.bars, history.ends
    assert ends is not None
    columns = [getattr(bars, name).tolist() for name in ("open", "high", "low", "close", "volume", "time")]
    return [(Bar(*row), end) for row, end in zip(zip(*columns, strict=True), ends.tolist(), strict=True)]


def push_all(evaluator: Evaluator, data: Data, first: int = 0, last: int | None = None) -> list[float]:
    """Push the own bars from ``first`` up to ``last``, the others' before they are due; return the values."""
    own = rows(data[OWN])
    begin = own[first - 1][1] if first else -1
    others = {origin: rows(data[origin]) for origin in evaluator.formula.origins if origin != OWN}
    given = dict.fromkeys(others, 0)
    for origin, waiting in others.items():
        given[origin] = sum(end <= begin for _, end in waiting)
    values = []
    for bar, end in own[first:last]:
        for origin, waiting in others.items():
            while given[origin] < len(waiting) and waiting[given[origin]][1] <= end:
                evaluator.observe(origin, *waiting[given[origin]])
                given[origin] += 1
        values.append(evaluator.push(bar, end))
    return values
