"""The words that the desk knows: indicators, intents, periods, and those that can never be a symbol."""

import re

# What people call each indicator; the longest name wins.
INDICATORS: tuple[tuple[str, str], ...] = (
    (r"relative strength(?: index)?|rsi", "rsi"),
    (r"exponential moving average|exponential average|ema", "ema"),
    (r"(?:linearly )?weighted moving average|wma", "wma"),
    (r"simple moving average|moving average|sma|ma(?= ?\(?\d)|(?<=day )ma\b", "sma"),
    (r"moving average convergence(?:[ /-]+divergence)?|macd", "macd"),
    (r"bollinger(?:'s)? ?bands?|bollingers?|bbands?", "bbands"),
    (r"average true range|atr", "atr"),
    (r"(?:slow |fast )?stochastics?(?: oscillator)?|stoch", "stoch"),
    (r"average directional(?: movement)?(?: index)?|adx", "adx"),
    (r"on[- ]balance[- ]volume|obv", "obv"),
    (r"commodity channel(?: index)?|cci", "cci"),
    (r"money flow(?: index)?|mfi", "mfi"),
)
# The settings of those that have more than one, in the order in which people write them: MACD(12, 26, 9).
SETTINGS = {
    "macd": ("fast", "slow", "signal"),
    "bbands": ("period", "deviations"),
    "stoch": ("period", "smoothing", "signal"),
}

# Intents, most telling first.
INTENTS: tuple[tuple[str, str], ...] = (
    (
        r"technical(?:ly|s)?(?: (?:summary|analysis|picture|view|levels))?|support and resistance|in what trend",
        "technicals",
    ),
    (r"(?:max(?:imum)?|largest|biggest|worst|deepest)? ?draw ?downs?|peak[- ]to[- ]trough", "drawdown"),
    (r"volatility|volatile|how risky|risk(?:ier|iest|y)?\b|standard deviation", "volatility"),
    (r"total return|with dividends|dividends? reinvested", "total_return"),
    (
        r"perform(?:ance|ed|ing|s)?|returns?|returned|how (?:did|has|have|was|were|is|are|does|do)\b.*?\b(?:do|done"
        r"|doing|fare|fared|go|gone|went)\b"
        r"|chang(?:e|ed)|gain(?:s|ed)?|rise|rose|risen|fall|fell|fallen|drop(?:ped)?|lost|lose|up or down|better|worse"
        r"|outperform\w*|underperform\w*|beat(?:en)?|stronger|weaker|compare[ds]?|comparison|move[ds]?|growth|grown?"
        r"|best|worst",
        "performance",
    ),
    (r"(?:trading )?volumes?|how many shares|turnover|traded the most|busiest", "volume"),
    (r"trading range|price range|range", "range"),
    (r"highs?|highest|peak(?:ed)?|top(?:ped)?|maximum", "high"),
    (r"lows?|lowest|bottom(?:ed)?|trough|minimum", "low"),
    (r"summar(?:y|ise|ize)|overview|bars|ohlc|candles?", "summary"),
    (
        r"price[ds]?|quotes?|quoted|trading at|trade[sd]? at|worth|cost|clos(?:e|es|ed|ing)|last|opened|open|how much"
        r"|value",
        "quote",
    ),
)
COMPARING = re.compile(
    r"\b(?:against|vs\.?|versus|compared? (?:with|to|against)|relative to|in comparison (?:with|to)|next to|better"
    r"|worse"
    r"|outperform\w*|underperform\w*|beat(?:en)?|stronger|weaker|compare|comparison|difference between|the best"
    r"|the worst)\b",
    re.IGNORECASE,
)

GREETING = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|howdy|yo)\b[ ,!.]*(?:desk|there|all"
    r"|everyone)?[ ,!.?]*$",
    re.I,
)
THANKS = re.compile(
    r"^(?:(?:ok|okay|great|perfect|nice|cool|good|super|awesome)[ ,!.]*)*(?:thanks?(?: you)?(?: (?:a lot|very much"
    r"|so much))?|thx|cheers|ta|great|perfect|nice|cool|ok|okay|got it|bye|goodbye)[ ,!.]*(?:desk)?[ ,!.]*$",
    re.I,
)
HELP = re.compile(
    r"\b(?:what can (?:you|i|we)|help|how do(?:es)? (?:you|this) work|what do you (?:do|know)|who are you"
    r"|what are you|your (?:abilities|features|tools))\b",
    re.I,
)
LISTING = re.compile(
    r"\b(?:(?:what|which|list|show)(?: me)?(?: all)?(?: of)?(?: the| your)? (?:symbols?|instruments?|stocks?|tickers?"
    r"|companies|markets?|data)\b(?! (?:of|for) )|what (?:do you have|data is there)|available (?:symbols?"
    r"|instruments?|stocks?))",
    re.I,
)
CONNECT = re.compile(
    r"\b(?:connect|add|use|configure|set up)\b.{0,30}\b(?:model|llm|gpt|ollama|openai|claude|llama)\b", re.I
)

# What the desk has no data for, and what it calls it.
BEYOND: tuple[tuple[str, str], ...] = (
    (r"\b(?:will|going to|gonna|forecasts?|predict\w*|outlook|next (?:week|month|year|quarter|day)|tomorrow"
     r"|price target|target price|in the future|expect\w*)\b", "prediction"),
    (r"\b(?:should i|should we|recommend\w*|advice|advise|worth buying|good (?:buy|investment|time)|buy or sell"
     r"|(?:buy|sell|short|hold)(?: it| them| now)?\?|is it a buy|invest in)\b", "advice"),
    (r"\b(?:news|headlines?|announce\w*|rumou?rs?|why (?:did|is|has|was|does|are)|what happened|sentiment"
     r"|tweets?)\b", "news"),
    (r"\b(?:earnings|revenues?|profits?|p/?e\b|price[- ]to[- ]earnings|eps|market cap\w*|dividend yield|balance sheet"
     r"|ebitda|cash flow|fundamentals?|valuation|debt|book value|ceo|employees|sector|industry"
     r"|analysts?)\b", "fundamentals"),
    (r"\b(?:option chain|options?|implied volatility|futures curve|order book|bid|ask price|short interest"
     r"|insider)\b", "derivatives"),
)  # fmt: skip

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = (
    rf"(?:\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? \d{{4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_POINT = (
    rf"(?:{_DATE}|{_MONTH}(?: of)?,? \d{{4}}|\d{{4}}-\d{{2}}(?!\d)|(?:q[1-4]|h[12]|(?:first|second|third"
    rf"|fourth) (?:quarter|half))(?: of)?,? \d{{4}}|(?:19|20)\d\d\b)"
)
_COUNT = (
    r"(?:\d{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|ninety|couple of)"
)
_UNIT = r"(?:trading days?|sessions?|bars?|days?|weeks?|months?|quarters?|years?|decades?)"
DAY = re.compile(rf"\b(?:on|at|of|as of) ({_DATE})", re.I)
PERIOD = re.compile(
    rf"\b(?:from {_POINT} (?:to|until|till|through|up to) (?:{_POINT}|now|today)"
    rf"|between {_POINT} and (?:{_POINT}|now|today)"
    rf"|{_POINT} ?(?:to|until|through|\.\.|–) ?{_POINT}"
    rf"|(?:ever )?(?:since|from|after) (?:the )?(?:start of |beginning of )?(?:{_POINT}|{_MONTH}(?! \d)|inception"
    rf"|the beginning|the start)"
    rf"|(?:(?:over |in |during |for )?(?:the )?(?:last|past|previous|prior|trailing|recent) {_COUNT}[ -]?{_UNIT})"
    rf"|(?:over|during|in|for) {_COUNT} {_UNIT}"
    r"|(?:year|month|quarter|week)[- ]to[- ]date|\b[ymqw]td\b"
    r"|(?:this|the current|the last|the past|last|past|the previous|previous|prior) (?:year|quarter|month|week|decade"
    r"|session|trading day|day)"
    r"|all[- ]time|(?:the )?(?:whole|entire|full) (?:history|period|record)|since (?:the )?(?:beginning|start"
    r"|inception)"
    r"|today|yesterday|ever\b"
    rf"|(?:in |during |for |over )?(?:all of |the year |calendar year )?{_POINT}"
    r"|(?:in|during|for|since) (?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december)\b"
    r"|\b\d{1,3}[dwmy]\b(?! (?:chart|candles?|bars?|rsi|sma|ema|timeframe)))",
    re.I,
)  # fmt: skip
TIMEFRAMES: tuple[tuple[str, str], ...] = (
    (r"\b(?:1[- ]?m|1[- ]?min(?:ute)?|one[- ]minute|minutely|minute)\b(?!\w)", "1m"),
    (r"\b(?:5[- ]?m|5[- ]?min(?:utes?)?|five[- ]minutes?)\b", "5m"),
    (r"\b(?:15[- ]?m|15[- ]?min(?:utes?)?|fifteen[- ]minutes?)\b", "15m"),
    (r"\b(?:1[- ]?h|hourly|1[- ]?hour|one[- ]hour|60[- ]?min(?:ute)?)\b", "1h"),
    (r"\b(?:4[- ]?h|4[- ]?hours?|four[- ]hours?)\b", "4h"),
    (r"\b(?:1[- ]?w|weekly)\b", "1w"),
    (r"\bmonthly\b", "1M"),
    (r"\b(?:1[- ]?d|daily)\b", "1d"),
)

# Abbreviations in capitals that are no symbols, and the small words of questions.
_CAPITALS = """
RSI SMA EMA WMA MACD ATR ADX OBV CCI MFI MA BBANDS STOCH YTD MTD QTD WTD OHLC USD EUR GBP USA US UK EU AI ETF
CEO CFO IPO GDP API LLM FAQ VS AND OR THE OF IN ON AT TO FOR IS IT ITS HOW WHAT WHICH DID DO ME MY I A AN OK
HI PE EPS OKAY NO YES Q1 Q2 Q3 Q4 H1 H2 FX
"""
NOT_SYMBOLS = frozenset(_CAPITALS.split())
_SMALL = """
a about above after again against all also am an analysis and any apr april are around as ask at aug august
average away back band bands bar bars be beat beaten been before being below best better between biggest both
but by calculate can candle candles change changed chart charts cheers close closed closes closing companies
company compare compared comparing comparison compute cost could current currently daily data date day days
dec decade december deepest desk deviation did difference display dividend dividends do do's does doing done
down draw drawdown drawdowns drop dropped during each eight end ever everything far fare fared feb february
fell figure figures find first five for four friday from full gain gained gains gave get give go going gone
good had has have he hello help her here hey hi high higher highest him his history hour hourly hours how
how's hows hundred i if in including index indicator indicators instrument instruments into is it it's its jan
january jul july jun june just know large largest last latest least less let level levels like line list look
looking lose lost low lower lowest many mar march market markets max maximum me mean measure min minute
minutes monday month monthly months more most move moved moving much much's my near need new newest next nine
no not nov november now number oct october of off ohlc ok okay on one only open opened or oscillator other our
out outperform outperformed output over overview past peak per percent percentage perform performance
performed performing performs period please plot plus point points present previous price prices print quarter
question quote quoted quotes range rate reading recent recently regarding reinvested relative return return's
returned returns right rise risk riskier riskiest risky rose same saturday say securities security see sep
sept september series session sessions seven share shares she should show signal simple since six small so
some standard start stock stocks strong stronger summarise summarize summary sunday symbol symbols technical
tell ten than thank thanks that the their them then there these they thing think this those thousand three
thursday thx ticker time to today total trade traded trades trading trend tuesday two under underperform until
up us use using value value's values versus very volatile volatility volume volumes vs want was way we weaker
wednesday week weekly weeks weight well went were what what's whats when where whether which while who whose
will with within without work worse worst worth would year yearly years yesterday yet you your
"""
SMALL_WORDS = frozenset(_SMALL.split())
