"""How formulas may be spelled, how they are printed, and what is said of those that are wrong."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.quant.formula import limits
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.errors import FormulaError, FormulaProblem
from outcry.quant.formula.program import OWN, Kind
from outcry.quant.formula.words import list_words, nearest

EXAMPLE = "rsi(14) crosses_above 30 and close > sma(200) and volume > 2 * sma(volume, 20)"


def problems(text: str) -> tuple[FormulaProblem, ...]:
    with pytest.raises(FormulaError) as caught:
        analyse(text)
    return caught.value.problems


def test_the_example() -> None:
    formula = analyse(EXAMPLE)
    assert (formula.text, formula.kind, formula.look_back) == (EXAMPLE, Kind.CONDITION, {OWN: 200})
    assert formula.origins == (OWN,)
    shown = [(part.depth, EXAMPLE[part.start : part.end]) for part in formula.parts]
    assert shown[0] == (1, EXAMPLE)
    assert (4, "rsi(14)") in shown
    assert (3, "2 * sma(volume, 20)") in shown


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("RSI(14) Crosses Above 30 AND Close > SMA(200)", "rsi(14) crosses_above 30 and close > sma(200)"),
        ("close ≥ 2 && !(open ≤ 3) || low ≠ 1", "close >= 2 and not open <= 3 or low != 1"),
        ("close = 2 & open <> 3 | low == 1", "close == 2 and open != 3 or low == 1"),
        ("crosses_above(close, open)", "close crosses_above open"),
        ("close crosses under open", "close crosses_below open"),
        ("close crosses over open", "close crosses_above open"),
        ("volume > 1.5M", "volume > 1500000"),
        ("volume > 200k", "volume > 200000"),
        ("volume > 1_000", "volume > 1000"),
        ("close × 2 ÷ 3 − 1", "close * 2 / 3 - 1"),
        ("close ** 2", "close ^ 2"),
        ("+close", "close"),
        ("((close))", "close"),
        ("close\n  > open", "close > open"),
        ("rsi > 70", "rsi(14) > 70"),
        ("rsi() > 70", "rsi(14) > 70"),
        ("rsi(period=7)", "rsi(7)"),
        ("sma(close, 20)", "sma(20)"),
        ("sma(2 * 10)", "sma(20)"),
        ("macd.histogram", "macd(12, 26, 9).histogram"),
        ("macd(signal=5, fast=3)", "macd(3, 26, 5).macd"),
        ("bbands(20).upper", "bbands(20, 2).upper"),
        ("msft.close@1D", "MSFT.close@1d"),
        ("'btc-usd'.close", '"BTC-USD".close'),
        ("“BTC-USD”.close", '"BTC-USD".close'),
        ("rsi.close", '"RSI".close'),
        ("close@daily", "close@1d"),
        ("close@1M", "close@1M"),
        ("close@1m", "close@1m"),
        ("macd()@1w.signal", "macd(12, 26, 9)@1w.signal"),
        ("MSFT.macd.signal", "MSFT.macd(12, 26, 9).signal"),
        ("a_b.close > 0", "A_B.close > 0"),
        ("10 < close < 20", "10 < close < 20"),
        ("change(close)", "change(close, 1)"),
        ("highest(n=5, x=close)", "highest(close, 5)"),
        ("beta(close, SPY.close, 5)", "beta(SPY.close, 5)"),
        ("beta(volume, SPY.volume)", "beta(volume, SPY.volume, 5)"),
        ("beta(other=SPY.close)", "beta(SPY.close, 5)"),
        ("(close + open) * 2", "(close + open) * 2"),
        ("close + (open * 2)", "close + open * 2"),
        ("close - (open - 2)", "close - (open - 2)"),
        ("(close - open) - 2", "close - open - 2"),
        ("(2 ^ close) ^ 2", "(2 ^ close) ^ 2"),
        ("2 ^ (close ^ 2)", "2 ^ close ^ 2"),
        ("(-close) ^ 2", "(-close) ^ 2"),
        ("-(close ^ 2)", "-close ^ 2"),
        ("not (close > 1)", "not close > 1"),
        ("not (close > 1 and open > 1)", "not (close > 1 and open > 1)"),
        ("(close > 1 or open > 1) and low > 1", "(close > 1 or open > 1) and low > 1"),
        ("(close > open)@1w", "(close > open)@1w"),
        ("(close > open)[1]", "(close > open)[1]"),
    ],
)
def test_spellings_and_their_canonical_text(text: str, canonical: str) -> None:
    assert analyse(text).text == canonical
    assert analyse(canonical).text == canonical


@pytest.mark.parametrize(
    ("text", "place", "piece", "sentence", "suggestion"),
    [
        ("", 1, "", "Write a condition", ""),
        ("close >", 8, "", "too early: a value is missing", ""),
        ("rsi(14", 7, "", "a closing ) is missing", ""),
        ("close[1", 8, "", "a closing ] is missing", ""),
        ("rsii(14) > 30", 1, "rsii", "rsii is unknown. Did you mean rsi?", "rsi"),
        ("close > bollinger", 9, "bollinger", "Did you mean bbands?", "bbands"),
        ("rsi(14) crosss_above 30", 9, "crosss_above", "Did you mean crosses_above?", "crosses_above"),
        ("rsi(14) crosses 30", 9, "crosses", "Did you mean crosses_above?", "crosses_above"),
        ("close open", 7, "open", "open cannot stand here", ""),
        ("close > ) 3", 9, ")", "A value is missing before )", ""),
        ("close $ 3", 7, "$", "$ cannot stand here", ""),
        ("sma(1)", 5, "1", "period of sma must be from 2 to 1000", ""),
        ("sma(2.5)", 5, "2.5", "period of sma must be a whole number", ""),
        ("sma(volume, close)", 13, "close", "must be a number that does not change", ""),
        ("sma(20, 30)", 9, "30", "sma takes at most 1: sma(close, period=20)", ""),
        ("sma(perod=20)", 5, "perod", "sma has no perod; it takes period", "period"),
        ("sma(period=20, 3)", 16, "3", "stands before what is given by its name", ""),
        ("sma(period=20, period=3)", 16, "period=3", "period of sma is given twice", ""),
        ("macd(26, 12)", 6, "26", "must be smaller than slow", ""),
        ("obv(3)", 5, "3", "obv takes at most 0", ""),
        ("bbands > close", 1, "bbands", "has the outputs upper, middle, lower: say which", ".upper"),
        ("bbands.top", 8, "top", "bbands has no such output", "upper"),
        ("bbands(20).top", 12, "top", "bbands has no such output; it has upper, middle, lower", "upper"),
        ("(close + open).top", 1, "(close + open)", "Only an indicator has outputs", ""),
        ("close + (close > open)", 9, "(close > open)", "a condition cannot be added", ""),
        ("not close", 5, "close", "close is a number, and not stands before a condition", "close > 0"),
        ("close and open > 1", 1, "close", "compare it, as in close > 0", "close > 0"),
        ("(close > 1) > 2", 1, "(close > 1)", "a condition cannot be compared", ""),
        ("sma(close > 1, 2)", 5, "close > 1", "sma takes numbers", ""),
        ("within(close, 2)", 8, "close", "within takes a condition there", "close > 0"),
        ("highest(close > 1, 2)", 9, "close > 1", "highest takes a number there", ""),
        ("highest(close)", 1, "highest(close)", "n is missing: highest(x, n)", ""),
        ("highest(close, 1.5)", 16, "1.5", "a whole number from 1 to 1000", ""),
        ("highest(close, 3, 4)", 19, "4", "highest takes at most 2", ""),
        ("if(close > 1, 2)", 1, "if(close > 1, 2)", "if takes three", ""),
        ("if(close > 1, 2, open > 1)", 18, "open > 1", "both results of if must be alike", ""),
        ("if(close, 1, 2)", 4, "close", "if asks a condition first", "close > 0"),
        ("if(close = open, 1, 2)", 4, "close", "To compare, write ==", ""),
        ("count > 3", 1, "count", "count is written count(condition, n)", ""),
        ("close[-1]", 7, "-1", "a whole number from 0 to 1000", ""),
        ("close[volume]", 7, "volume", "must be a number that does not change", ""),
        ("close(3)", 1, "close(3)", "close is a series", "close"),
        ("close / 0 > 1 / 0", 13, "1 / 0", "it divides by zero, or is too large", ""),
        ("close@2d", 7, "2d", "2d is not a timeframe", "1d"),
        ("MSFT > 100", 1, "MSFT", "If it is an instrument, write MSFT.close", "MSFT.close"),
        ('"BTC-USD" > 100', 1, '"BTC-USD"', "say what of it", '"BTC-USD".close'),
        ('"BTC USD".close', 1, '"BTC USD"', "A symbol has 1 to 32 letters", ""),
        ('"".close', 1, '""', "A symbol has 1 to 32 letters", ""),
        ("beta(5)", 1, "beta(5)", "compares with a second series", "beta(SPY.close)"),
        ("close > 5%", 9, "5%", "% could mean two things", "0.05"),
        ("volume > 5m", 10, "5m", "could be minutes or millions", "5M"),
        ("volume > 5x", 10, "5x", "5x is not a number", "5"),
        ("volume > 1e999", 10, "1e999", "The number is too large", ""),
        ("a < b == c", 7, "==", "cannot stand behind another comparison", ""),
        ("macdext(fast_type=simpel)", 19, "simpel", "is one of simple", "simple"),
    ],
)
def test_a_mistake_is_named_at_its_place(text: str, place: int, piece: str, sentence: str, suggestion: str) -> None:
    first = problems(text)[0]
    assert (first.line, first.column, first.text) == (1, place, piece)
    assert sentence in first.message
    assert first.message.endswith((".", "?"))
    assert suggestion in first.suggestion
    assert bool(suggestion) == bool(first.suggestion)


def test_several_mistakes_are_all_named() -> None:
    found = problems("rsii(14) > 30\nand sma(1) > clse")
    assert [(one.line, one.column, one.text) for one in found] == [(1, 1, "rsii"), (2, 9, "1"), (2, 14, "clse")]
    with pytest.raises(FormulaError) as caught:
        analyse("rsii > 1 and sma(1) > 2")
    problem = caught.value.to_problem()
    assert (problem["status"], problem["code"]) == (422, "formula_invalid")
    assert [one["field"] for one in problem["errors"]] == ["text:1:1", "text:1:18"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("close" + " " * limits.MOST_CHARACTERS, "has at most 2,000 characters"),
        ("not " * 200 + "close > 1", "nested too deeply"),
        ("-" * 1500 + "close", "nested too deeply"),
        ("close" + "[1]" * 500, "nested too deeply"),
        ("1" + "^1" * 900, "nested too deeply"),
        (" or ".join(f"close>{number}" for number in range(100)), "nested too deeply"),
        ("max(" + ",".join(f"low*{number}" for number in range(220)) + ")", "too many parts"),
        ("(-max(" + ",".join(f"low*{number}" for number in range(2, 135)) + "))@1w", "too many parts"),
        ("max(" + ",".join(f"cci({number})" for number in range(850, 1000)) + ")", "costs too much"),
        ("+".join(f'"S{number}".close' for number in range(20)), "too many instruments"),
        ("<".join(["close"] * 300), "Written out, the formula has more than 2,000"),
        ("close" + "[1000]" * 21, "looks back 20,001 bars"),
    ],
)
def test_what_is_too_large_is_refused_before_anything_is_evaluated(text: str, sentence: str) -> None:
    begun = time.perf_counter()
    first = problems(text)[0]
    assert sentence in first.message
    assert first.code == "limit"
    assert time.perf_counter() - begun < 5


def test_what_is_asked_twice_runs_once() -> None:
    formula = analyse("sma(20) > close and sma(close, 20) < 2 * close or MSFT.sma(20) > sma(period=20)")
    asked = [
        (step.operation, step.origin.symbol) for step in formula.steps if step.operation in ("indicator", "column")
    ]
    assert sorted(asked) == [("column", ""), ("column", "MSFT"), ("indicator", ""), ("indicator", "MSFT")]


def test_a_value_between_two_others_is_read_once_however_deep() -> None:
    text = "close"
    for _ in range(17):
        text = f"count(1 < {text} < 3, 2)"
    begun = time.perf_counter()
    formula = analyse(text)
    assert time.perf_counter() - begun < 2
    assert (formula.text, len(formula.parts)) == (text, 35)


def test_how_many_values_are_kept_at_once() -> None:
    assert analyse("close").width == 1
    assert analyse("close + open").width == 3
    assert analyse("close + (open + (high + low))").width > analyse("close + open + high + low").width


def test_not_more_mistakes_are_named_than_anybody_reads() -> None:
    begun = time.perf_counter()
    assert len(problems("max(" + ",".join(f"zq{number}" for number in range(300)) + ")")) == limits.MOST_PROBLEMS
    assert time.perf_counter() - begun < 5


def test_brackets_alone_are_no_depth() -> None:
    assert analyse("(" * 990 + "close" + ")" * 990).text == "close"


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("close rsi(14)>sma volume,.[]1@d\"'%-+*/^!=<&|and or\n\x00é≥５"), max_size=40))
def test_any_text_is_either_a_formula_or_says_what_is_wrong(text: str) -> None:
    try:
        formula = analyse(text)
    except FormulaError as error:
        for one in error.problems:
            assert one.message
            assert 0 <= one.start <= one.end <= max(len(text), one.start)
            assert text.split("\n")[one.line - 1] is not None
    else:
        assert analyse(formula.text).steps == formula.steps


def test_every_word_has_its_help_and_can_be_found() -> None:
    words = list_words()
    assert len({word.name for word in words}) == len(words)
    for word in words:
        assert word.help.endswith("."), word.name
        assert word.name in word.signature
        assert nearest(word.name) == word.name
    assert {word.role for word in words} == {"series", "operator", "function", "indicator"}
    by_name = {word.name: word for word in words}
    assert by_name["sma"].signature == "sma(close, period=20)"
    assert by_name["crosses_above"].signature == "x crosses_above y"
    assert by_name["change"].signature == "change(x, n=1)"
    assert by_name["stoch"].outputs == ("k", "d")
    assert by_name["max"].role == "function"
