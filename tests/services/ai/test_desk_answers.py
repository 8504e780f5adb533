"""What the desk answers from real data, and that it never writes a figure that no tool returned."""

from collections.abc import Sequence

import pytest
import talib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart

from outcry.adapters.models.desk.model import make_desk_model
from outcry.services.ai.agent import make_agent
from outcry.services.ai.figures import check_figures
from outcry.services.ai.tools import Desk
from tests.services.ai.conftest import Anybody, RealCharts

AGENT = make_agent()


async def answer(real: RealCharts, text: str, earlier: Sequence[str] = ()) -> tuple[str, Desk]:
    """Return the desk's answer, after checking that all of its figures are some tool's."""
    history: list[ModelMessage] = []
    for before in earlier:
        history.append(ModelRequest(parts=[UserPromptPart(content=f"[Ann] {before}")]))
        history.append(ModelResponse(parts=[TextPart(content="An answer.")]))
    desk = Desk(tenant_id=real.tenant_id, charts=real.charts, audience=Anybody())
    written = ""
    async with AGENT.run_stream(f"[Ann] {text}", deps=desk, model=make_desk_model(), message_history=history) as run:
        async for piece in run.stream_text(delta=True):
            written += piece
    figures = check_figures(written, desk.log.sources)
    assert [written[figure.start : figure.end] for figure in figures if not figure.verified] == []
    return written, desk


@pytest.mark.parametrize(
    ("text", "contains"),
    [
        ("MACD of KO", ["MACD (12, 26, 9)", "signal", "histogram"]),
        ("50 and 200 day moving averages for Coca-Cola", ["50-day SMA", "200-day SMA", "(KO)"]),
        ("How did Coca-Cola do in March 2017 vs the S&P 500?", ["March 2017", "| KO | SPX |", "percentage points"]),
        ("Did AAPL beat the market this year?", ["AAPL rose", "SPX rose"]),
        ("Microsft price", ["Microsoft Corporation (MSFT) was last at"]),
        ("price of berkshire", ["BRK-A"]),
        ("What was the RSI of AAPL on 2016-05-02?", ["2 May 2016", "oversold"]),
        ("what was the highest price of MSFT last month", ["highest price of"]),
        ("how volatile was KO in 2016", ["volatility of", "2016"]),
        ("worst drawdown of AAPL in 2016", ["deepest drawdown of"]),
        ("volume of MSFT last week", ["average daily volume"]),
        ("How did AAPL do in 2009?", ["no bars of AAPL for 2009", "2015-12-01"]),
        ("RSI of ZZZZ", ["no data of “ZZZZ”"]),
        ("RSI(900) of AAPL", ["too few"]),
        ("hourly RSI of AAPL", ["1h"]),
        ("Should I buy AAPL?", ["no advice"]),
        ("Will AAPL rise tomorrow?", ["no forecasts"]),
        ("Why did KO fall?", ["no news"]),
        ("AAPL?", ["was last at", "this year"]),
        ("Give me a technical summary of AAPL", ["**Trend:", "its average of 50 bars", "RSI of", "**Levels:"]),
        ("How does KO look technically, weekly?", ["Coca-Cola", "weekly bars", "**Momentum:"]),
        ("which instruments do you have?", ["Apple Inc. (AAPL)", "S&P 500 Index (SPX)"]),
        ("what can you do?", ["Settings → Model server"]),
        ("blah", ["no data of “blah”"]),
        ("?!", ["could not make out", "Settings → Model server"]),
        ("What is the RSI? For AAPL.", ["14-day RSI of Apple"]),
    ],
)
async def test_answers(real_charts: RealCharts, text: str, contains: list[str]) -> None:
    written, _ = await answer(real_charts, text)
    for piece in contains:
        assert piece in written


@pytest.mark.parametrize(
    ("earlier", "text", "contains"),
    [
        (["How did AAPL do in 2016?"], "and MSFT?", ["Microsoft", "2016"]),
        (["How did AAPL do this year?"], "and its MACD?", ["MACD (12, 26, 9) of Apple"]),
        (["Compare AAPL and KO"], "what about last year?", ["Last year", "| AAPL | KO |"]),
        (["RSI of AAPL"], "how does it compare with KO this year?", ["| AAPL | KO |"]),
        (["RSI of AAPL", "thanks"], "and for Coca-Cola", ["RSI of The Coca-Cola Company"]),
    ],
)
async def test_follow_ups(real_charts: RealCharts, earlier: list[str], text: str, contains: list[str]) -> None:
    written, _ = await answer(real_charts, text, earlier)
    for piece in contains:
        assert piece in written


@pytest.mark.parametrize("period", [5, 14, 21])
async def test_the_rsi_is_ta_libs(real_charts: RealCharts, period: int) -> None:
    written, desk = await answer(real_charts, f"{period}-day RSI of MSFT")
    expected = float(talib.RSI(real_charts.bars["MSFT"].close, period)[-1])
    (call,) = [call for call in desk.log.calls if call.tool == "indicator"]
    assert call.result["values"]["rsi"] == expected
    assert f"**{expected:.2f}**" in written


_WORDS = (
    "what is the RSI MACD price of AAPL MSFT apple and vs KO this year last month 14 200 day in 2016 highest volume ? ,"
    " better it its compare since 2015 weekly <b>x</b> | **bold** $5 10% of S&P 500"
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(_WORDS.split()), min_size=1, max_size=14))
async def test_any_question_is_answered_with_true_figures_only(real_charts: RealCharts, words: list[str]) -> None:
    written, _ = await answer(real_charts, " ".join(words).replace("$5", "").replace("10%", ""))
    assert written.strip()
    assert "<b>" not in written
