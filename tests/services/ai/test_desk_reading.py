"""The desk understands questions as traders put them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.models.desk.reading import Clause, read_question
from outcry.services.ai.periods import parse_period
from tests.services.ai.test_ai_periods import NEWEST


def clauses(text: str) -> tuple[Clause, ...]:
    question = read_question(text)
    assert question.topic == "market"
    return question.clauses


def names(clause: Clause) -> list[str]:
    return [name.phrase for name in clause.names]


@pytest.mark.parametrize(
    ("text", "indicator", "parameters", "timeframe", "name"),
    [
        ("rsi of aapl", "rsi", {}, "", "aapl"),
        ("What's the 14-day RSI of AAPL?", "rsi", {"period": 14}, "", "AAPL"),
        ("RSI(21) of $AAPL", "rsi", {"period": 21}, "", "AAPL"),
        ("RSI 9 KO", "rsi", {"period": 9}, "", "KO"),
        ("200 day moving average of apple", "sma", {"period": 200}, "", "apple"),
        ("50-day EMA for BA", "ema", {"period": 50}, "", "BA"),
        ("20-week EMA of BA", "ema", {"period": 20}, "1w", "BA"),
        ("MACD(12,26,9) for brk-a", "macd", {"fast": 12, "slow": 26, "signal": 9}, "", "brk-a"),
        ("weekly MACD of KO", "macd", {}, "1w", "KO"),
        ("Bollinger bands (20, 2.5) of Apple", "bbands", {"period": 20, "deviations": 2.5}, "", "Apple"),
        ("hourly stochastic of SPY", "stoch", {}, "1h", "SPY"),
        ("1m RSI of SPY", "rsi", {}, "1m", "SPY"),
        ("average true range of XOM", "atr", {}, "", "XOM"),
        ("show me on-balance volume for Intel", "obv", {}, "", "Intel"),
    ],
)
def test_indicators(text: str, indicator: str, parameters: dict[str, float], timeframe: str, name: str) -> None:
    (clause,) = clauses(text)
    (ask,) = clause.asks
    assert (ask.kind, ask.indicator, dict(ask.parameters), ask.timeframe) == (
        "indicator",
        indicator,
        parameters,
        timeframe,
    )
    assert names(clause) == [name]


@pytest.mark.parametrize(
    ("text", "kinds", "expected", "period"),
    [
        ("How did Apple do this year?", ["performance"], ["Apple"], "this year"),
        ("How has MSFT done since 2015-03-02?", ["performance"], ["MSFT"], "since 2015-03-02"),
        ("performance of KO in March 2017", ["performance"], ["KO"], "in March 2017"),
        ("Coca-Cola vs the S&P 500 last year", [], ["Coca-Cola", "S&P 500"], "last year"),
        ("Was AAPL better than MSFT in 2016?", ["performance"], ["AAPL", "MSFT"], "in 2016"),
        ("how volatile is amazon", ["volatility"], ["amazon"], ""),
        ("max drawdown of FB all time", ["drawdown"], ["FB"], "all time"),
        ("highest price of BA over the last 30 days", ["high"], ["BA"], "over the last 30 days"),
        ("volume of GE yesterday", ["volume"], ["GE"], "yesterday"),
        ("price of T", ["quote"], ["T"], ""),
        ("What is Johnson & Johnson trading at?", ["quote"], ["Johnson & Johnson"], ""),
        ("3M price", ["quote"], ["3M"], ""),
        ("compare AAPL, MSFT and GOOG from 2014-01-02 to 2015-03-01", ["performance"], ["AAPL", "MSFT", "GOOG"],
         "from 2014-01-02 to 2015-03-01"),
    ],
)  # fmt: skip
def test_what_of_what_and_when(text: str, kinds: list[str], expected: list[str], period: str) -> None:
    (clause,) = clauses(text)
    assert [ask.kind for ask in clause.asks] == kinds
    assert names(clause) == expected
    assert clause.period == period
    if period:
        assert parse_period(period, newest=NEWEST).label


def test_the_flagship_question_has_two_parts() -> None:
    first, second = clauses("What is the 14-day RSI of AAPL, and how did it do against MSFT this year?")
    assert (first.asks[0].indicator, names(first)) == ("rsi", ["AAPL"])
    assert (second.asks[0].kind, names(second), second.period) == ("performance", ["MSFT"], "this year")
    assert second.comparing
    assert second.refers == "one"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Hi!", "greeting"),
        ("good morning", "greeting"),
        ("thanks a lot", "thanks"),
        ("What can you do?", "help"),
        ("which instruments do you have?", "list"),
        ("how do I connect an LLM?", "connect"),
    ],
)
def test_topics(text: str, topic: str) -> None:
    assert read_question(text).topic == topic


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("Will TSLA rise next week?", "prediction"),
        ("Should I buy AAPL?", "advice"),
        ("Why did AAPL fall?", "news"),
        ("What are Apple's earnings?", "fundamentals"),
        ("implied volatility of AAPL", "derivatives"),
    ],
)
def test_what_there_is_no_data_for(text: str, beyond: str) -> None:
    assert [clause.beyond for clause in clauses(text)] == [beyond]


def test_two_names_joined_by_and_may_be_one() -> None:
    (clause,) = clauses("procter and gamble volatility")
    assert [link.phrase for link in clause.links] == ["procter and gamble"]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert read_question(text).topic
