"""Words the answer from what the tools returned. Every figure in it is a tool's."""

from collections.abc import Sequence
from typing import Any

from outcry.adapters.models.desk import wording as w
from outcry.adapters.models.desk.planning import Lookup, Part

Found = Sequence[tuple[Lookup, dict[str, Any]]]

ABILITIES = (
    "I can tell the newest price of an instrument, compute indicators (such as RSI, moving averages, MACD, Bollinger "
    "bands or ATR), say how an instrument did over a period, how volatile it was and how deep it fell, and compare "
    "several of them, and summarise one technically."
)
CONNECT = (
    "I answer by fixed rules. For free questions, an administrator can connect a language model under Settings → Model "
    "server: its address, key and model name."
)
TOPICS = {
    "greeting": f"Hello. {ABILITIES} Try: *What is the 14-day RSI of AAPL, and how did it do against MSFT this year?*",
    "thanks": "You are welcome.",
    "help": f"{ABILITIES} Every figure links to the data it came from.\n\n{CONNECT}",
    "connect": CONNECT,
}
_BEYOND = {
    "prediction": "I cannot know future prices, and I make no forecasts: I only read recorded data.",
    "advice": "I give no advice on what to buy or sell; I can only show what the recorded data says.",
    "news": "I have no news and cannot say why a price moved: I only have recorded prices and volumes.",
    "fundamentals": "I have no company figures, such as earnings or ratios: I only have recorded prices and volumes.",
    "derivatives": "I have no options, order books or positions: I only have recorded prices and volumes.",
}
UNCLEAR = f"I could not make out what you would like to know. {ABILITIES}\n\n{CONNECT}"
_READINGS = {"rsi": 2, "mfi": 2, "adx": 2, "cci": 2, "stoch": 2, "macd": 3, "atr": 2}
_UNITS = {"1d": "day", "1w": "week", "1M": "month", "1h": "hour", "1m": "minute"}
_FRAMES = {"1d": "daily", "1w": "weekly", "1M": "monthly", "1h": "hourly"}
_OUTPUT_NAMES = {
    "macd": "line", "signal": "signal", "histogram": "histogram", "hist": "histogram", "upper": "upper band",
    "middle": "middle band", "lower": "lower band", "k": "%K", "d": "%D",
}  # fmt: skip


def write_list(result: dict[str, Any]) -> str:
    """Return the list of instruments."""
    entries = result.get("instruments", [])
    if not entries:
        return "There are no instruments yet: an administrator can import market data with `outcry import`."
    names = [w.named(entry) for entry in entries]
    more = " These are the first by symbol." if len(entries) >= 25 else ""
    return f"I have data of these instruments:{more}\n\n" + "\n".join(f"- {name}" for name in names)


def write_answer(parts: Sequence[Part], found: Found, near: dict[str, list[str]]) -> str:
    """Return the whole answer in Markdown, a paragraph or table for each part."""
    blocks: list[str] = []
    newest = ""
    for part in parts:
        mine = [(call, result) for call, result in found if call in part.lookups]
        blocks += [block for block in _part(part, mine, near) if block not in blocks]
        newest = max([newest, *(_newest(result) for _, result in mine)])
    if not blocks:
        return UNCLEAR
    if newest:
        blocks.append(f"*As of {w.day(newest)}, the newest bar in the data used.*")
    return "\n\n".join(blocks)


def _newest(result: dict[str, Any]) -> str:
    if "error" in result:
        return ""
    quotes = [entry["date"] for entry in result.get("quotes", ())]
    newest: str = max([result.get("to_date", ""), result.get("date", ""), *quotes])
    return newest


def _part(part: Part, found: Found, near: dict[str, list[str]]) -> list[str]:
    blocks = [_unknown(word, near) for word in part.unknown]
    if part.beyond:
        offer = (
            f" I can say how {w.joined(part.symbols)} did over a period, or compute an indicator."
            if part.symbols
            else ""
        )
        return [_BEYOND[part.beyond] + offer, *blocks]
    if not part.symbols:
        return blocks or ["Which instrument do you mean? Give me a symbol or a name, such as AAPL or Apple."]
    for call, result in found:
        if "error" in result:
            blocks.append(w.escaped_sentence(result["error"]))
        else:
            kinds = tuple(ask.kind for ask in part.asks)
            blocks += _WRITERS[call.tool](result, kinds)
    return blocks


def _unknown(word: str, near: dict[str, list[str]]) -> str:
    hint = f" Did you mean {w.joined(near[word])}?" if near.get(word) else ""
    return f"I have no data of “{w.escaped(word)}”.{hint}"


def _quotes(result: dict[str, Any], kinds: Sequence[str]) -> list[str]:
    return [_quote(entry) for entry in result["quotes"]]


def _quote(entry: dict[str, Any]) -> str:
    text = f"{w.named(entry)} was last at **{w.price(entry['price'], entry['currency'])}** on {w.day(entry['date'])}"
    change = entry.get("change_percent")
    if change is not None and entry.get("previous_close") is not None:
        before = w.price(entry["previous_close"], entry["currency"])
        direction = "up" if change > 0 else "down" if change < 0 else "unchanged at"
        text += f", {direction} {w.percent(change)} from the close of {before} before it"
    return text + "."


def _indicator(result: dict[str, Any], kinds: Sequence[str]) -> list[str]:
    decimals = _READINGS.get(result["indicator"], 2)
    values = result["values"]
    title = _title(result)
    if len(values) == 1:
        (value,) = values.values()
        shown = w.volume(value) if result["indicator"] == "obv" else w.number(value, decimals)
        text = f"The {title} of {w.named(result)} was **{shown}**"
    else:
        each = [f"{_OUTPUT_NAMES.get(key, key)} **{w.number(value, decimals)}**" for key, value in values.items()]
        text = f"The {title} of {w.named(result)}: {w.joined(each)}"
    text += f" on {w.day(result['date'])}, at a close of {w.price(result['close'], result['currency'])}"
    return [text + _reading_of(result) + "."]


def _title(result: dict[str, Any]) -> str:
    """Return "14-day RSI", as traders say it; what has several settings with them in brackets."""
    unit = _UNITS.get(result["timeframe"])
    parameters = result["parameters"]
    if set(parameters) == {"period"} and unit:
        return f"{parameters['period']:g}-{unit} {result['indicator'].upper()}"
    return f"{_FRAMES.get(result['timeframe'], result['timeframe'])} {w.escaped(result['short_title'])}"


def _reading_of(result: dict[str, Any]) -> str:
    """What the value means by the usual marks, or against the price."""
    values = list(result["values"].values())
    if "overbought_above" in result:
        high, low = result["overbought_above"], result["oversold_below"]
        if values[0] > high:
            return f"; above {high:g} counts as overbought"
        return f"; below {low:g} counts as oversold" if values[0] < low else f", between {low:g} and {high:g}: neutral"
    if result["indicator"] in ("sma", "ema", "wma"):
        side = "above" if result["close"] > values[0] else "below" if result["close"] < values[0] else "at"
        return f", {side} the average"
    return ""


def _performance(result: dict[str, Any], kinds: Sequence[str]) -> list[str]:
    money = result["currency"]
    text = _risk(result, kinds) or (
        f"{w.named(result)} **{w.moved(result['change_percent'])}** {_over(result['period'])}, from a close of "
        f"{w.price(result['from_close'], money)} on {w.day(result['from_date'])} to "
        f"{w.price(result['to_close'], money)} on {w.day(result['to_date'])}."
    )
    if "total_return" in kinds and "total_return_percent" in result:
        text += f" With dividends reinvested it {w.moved(result['total_return_percent'])}."
    if "performance" in kinds:
        text += f" Its deepest drawdown on the way was {w.percent(result['max_drawdown_percent'])}"
        text += f", its volatility {_volatility(result)} a year." if "volatility_percent" in result else "."
    return [text, *_notes([result])]


def _risk(result: dict[str, Any], kinds: Sequence[str]) -> str:
    """The sentence for those who asked how risky something was, not how it did."""
    if {"performance", "total_return", "quote"} & set(kinds):
        return ""
    found: list[str] = []
    if "volatility" in kinds:
        found.append(f"a volatility of **{_volatility(result)}** a year")
    if "drawdown" in kinds:
        found.append(f"a deepest drawdown of **{w.percent(result['max_drawdown_percent'])}**")
    return f"{w.named(result)} had {w.joined(found)} {_over(result['period'])} ({_dates(result)})." if found else ""


def _over(period: str) -> str:
    if period.startswith(("this", "last", "since", "all", "yesterday")):
        return "over all recorded time" if period == "all time" else w.escaped(period)
    joiner = "from" if " to " in period else "over" if period.startswith("the") else "in"
    return f"{joiner} {w.escaped(period)}"


def _notes(results: Sequence[dict[str, Any]]) -> list[str]:
    return [w.escaped_sentence(result["note"]) for result in results if "note" in result]


def _compare(result: dict[str, Any], kinds: Sequence[str]) -> list[str]:
    items = result["items"]
    moves = w.joined([f"{w.escaped(item['symbol'])} {w.moved(item['change_percent'])}" for item in items])
    gap = f"{abs(result['difference_percentage_points']):,.2f} percentage points"
    period = _over(result["period"])
    text = f"{period[0].upper()}{period[1:]}, {moves}: **{w.escaped(result['leader'])}** is ahead by {gap}."
    text += _riskier(items, kinds)
    rows = [
        [f"Close of {w.day(items[0]['from_date'])}"]
        + [w.price(item["from_close"], item["currency"]) for item in items],
        [f"Close of {w.day(items[0]['to_date'])}"] + [w.price(item["to_close"], item["currency"]) for item in items],
        ["Change"] + [w.signed_percent(item["change_percent"]) for item in items],
        ["Deepest drawdown"] + [w.signed_percent(item["max_drawdown_percent"]) for item in items],
        ["Volatility, a year"] + [_volatility(item) for item in items],
    ]
    for position, key in ((0, "from_date"), (1, "to_date")):
        if len({item[key] for item in items}) > 1:
            rows[position][0] = "First close" if position == 0 else "Last close"
    if "total_return" in kinds and all("total_return_percent" in item for item in items):
        rows.append(["With dividends"] + [w.signed_percent(item["total_return_percent"]) for item in items])
    return [text, w.table([" ", *(w.escaped(item["symbol"]) for item in items)], rows), *_notes(items)]


def _riskier(items: Sequence[dict[str, Any]], kinds: Sequence[str]) -> str:
    text = ""
    if "volatility" in kinds and all("volatility_percent" in item for item in items):
        most = max(items, key=lambda item: float(item["volatility_percent"]))
        text += f" **{w.escaped(most['symbol'])}** was the most volatile, with {_volatility(most)} a year."
    if "drawdown" in kinds:
        deepest = min(items, key=lambda item: float(item["max_drawdown_percent"]))
        shown = w.percent(deepest["max_drawdown_percent"])
        text += f" **{w.escaped(deepest['symbol'])}** had the deepest drawdown, {shown}."
    return text


def _volatility(item: dict[str, Any]) -> str:
    return w.percent(item["volatility_percent"]) if "volatility_percent" in item else "–"


def _summary(result: dict[str, Any], kinds: Sequence[str]) -> list[str]:
    money, name = result["currency"], w.named(result)
    one_day = result["from_date"] == result["to_date"]
    when = f"on {w.day(result['to_date'])}" if one_day else f"{_over(result['period'])} ({_dates(result)})"
    found: list[str] = []
    if {"high", "range", "summary"} & set(kinds):
        found.append(f"a highest price of **{w.price(result['high'], money)}**{_on(result, 'high_date', one_day)}")
    if {"low", "range", "summary"} & set(kinds):
        found.append(f"a lowest price of **{w.price(result['low'], money)}**{_on(result, 'low_date', one_day)}")
    if {"summary", "quote"} & set(kinds):
        found.append(f"a close of **{w.price(result['close'], money)}**")
    if {"volume", "summary"} & set(kinds):
        found.append(_volume(result, one_day))
    return [f"{name} had {w.joined(found)}, {when}."]


def _dates(result: dict[str, Any]) -> str:
    return f"{w.day(result['from_date'])} to {w.day(result['to_date'])}"


def _on(result: dict[str, Any], key: str, one_day: bool) -> str:
    return "" if one_day else f" on {w.day(result[key])}"


def _volume(result: dict[str, Any], one_day: bool) -> str:
    if one_day:
        return f"a volume of **{w.volume(result['volume_total'])}**"
    most = f"at most {w.volume(result['volume_highest'])} on {w.day(result['volume_highest_date'])}"
    return f"an average daily volume of **{w.volume(result['volume_average'])}** ({most})"


def _technicals(result: dict[str, Any], kinds: Sequence[str]) -> list[str]:
    frame = _FRAMES.get(result["timeframe"], result["timeframe"])
    lines = [f"{w.named(result)}, {frame} bars up to {w.day(result['date'])}:"]
    for name, section in result["sections"].items():
        lines.append(
            f"- **{name.capitalize()}: {w.escaped(section['verdict'])}.** {w.escaped_sentence(section['sentence'])}"
        )
    return ["\n".join([lines[0], "", *lines[1:]])]


_WRITERS = {
    "quote": _quotes,
    "indicator": _indicator,
    "performance": _performance,
    "compare": _compare,
    "bars_summary": _summary,
    "technical_summary": _technicals,
}
