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
SETTINGS = {"macd": ("fast", "slow", "signal"), "bbands": ("period", "deviations"), "stoch": ("k", "k_slow", "d")}

# Intents, most telling first.
INTENTS: tuple[tuple[str, str], ...] = (
    (r"(?:max(?:imum)?|largest|biggest|worst|deepest)? ?draw ?downs?|peak[- ]to[- ]trough", "drawdown"),
    (r"volatility|volatile|how risky|risk(?:ier|iest|y)?\b|standard deviation", "volatility"),
    (r"total return|with dividends|dividends? reinvested", "total_return"),
    (
        r"perform(?:ance|ed|ing|s)?|returns?|returned|how (?:did|has|have|was|were|is|are|does|do)\b.*?\b(?:do|done|doing|fare|fared|go|gone|went)\b"
        r"|chang(?:e|ed)|gain(?:s|ed)?|rise|rose|risen|fall|fell|fallen|drop(?:ped)?|lost|lose|up or down|better|worse"
        r"|outperform\w*|underperform\w*|beat(?:en)?|stronger|weaker|compare[ds]?|comparison|move[ds]?|growth|grown?|best|worst",
        "performance",
    ),
    (r"(?:trading )?volumes?|how many shares|turnover|traded the most|busiest", "volume"),
    (r"trading range|price range|range", "range"),
    (r"highs?|highest|peak(?:ed)?|top(?:ped)?|maximum", "high"),
    (r"lows?|lowest|bottom(?:ed)?|trough|minimum", "low"),
    (r"summar(?:y|ise|ize)|overview|bars|ohlc|candles?", "summary"),
    (
        r"price[ds]?|quotes?|quoted|trading at|trade[sd]? at|worth|cost|clos(?:e|es|ed|ing)|last|opened|open|how much|value",
        "quote",
    ),
)
COMPARING = re.compile(
    r"\b(?:against|vs\.?|versus|compared? (?:with|to|against)|relative to|in comparison (?:with|to)|next to|better|worse"
    r"|outperform\w*|underperform\w*|beat(?:en)?|stronger|weaker|compare|comparison|difference between|the best|the worst)\b",
    re.IGNORECASE,
)

GREETING = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|howdy|yo)\b[ ,!.]*(?:desk|there|all|everyone)?[ ,!.?]*$",
    re.I,
)
THANKS = re.compile(
    r"^(?:(?:ok|okay|great|perfect|nice|cool|good|super|awesome)[ ,!.]*)*(?:thanks?(?: you)?(?: (?:a lot|very much|so much))?|thx|cheers|ta|great|perfect|nice|cool|ok|okay|got it|bye|goodbye)[ ,!.]*(?:desk)?[ ,!.]*$",
    re.I,
)
HELP = re.compile(
    r"\b(?:what can (?:you|i|we)|help|how do(?:es)? (?:you|this) work|what do you (?:do|know)|who are you|what are you|your (?:abilities|features|tools))\b",
    re.I,
)
LISTING = re.compile(
    r"\b(?:(?:what|which|list|show)(?: me)?(?: all)?(?: of)?(?: the| your)? (?:symbols?|instruments?|stocks?|tickers?|companies|markets?|data)\b(?! (?:of|for) )|what (?:do you have|data is there)|available (?:symbols?|instruments?|stocks?))",
    re.I,
)
CONNECT = re.compile(
    r"\b(?:connect|add|use|configure|set up)\b.{0,30}\b(?:model|llm|gpt|ollama|openai|claude|llama)\b", re.I
)

# What the desk has no data for, and what it calls it.
BEYOND: tuple[tuple[str, str], ...] = (
    (r"\b(?:will|going to|gonna|forecasts?|predict\w*|outlook|next (?:week|month|year|quarter|day)|tomorrow|price target|target price|in the future|expect\w*)\b", "prediction"),
    (r"\b(?:should i|should we|recommend\w*|advice|advise|worth buying|good (?:buy|investment|time)|buy or sell|(?:buy|sell|short|hold)(?: it| them| now)?\?|is it a buy|invest in)\b", "advice"),
    (r"\b(?:news|headlines?|announce\w*|rumou?rs?|why (?:did|is|has|was|does|are)|what happened|sentiment|tweets?)\b", "news"),
    (r"\b(?:earnings|revenues?|profits?|p/?e\b|price[- ]to[- ]earnings|eps|market cap\w*|dividend yield|balance sheet|ebitda|cash flow|fundamentals?|valuation|debt|book value|ceo|employees|sector|industry|analysts?)\b", "fundamentals"),
    (r"\b(?:option chain|options?|implied volatility|futures curve|order book|bid|ask price|short interest|insider)\b", "derivatives"),
)  # fmt: skip

_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_DATE = rf"(?:\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
_POINT = rf"(?:{_DATE}|{_MONTH}(?: of)?,? \d{{4}}|\d{{4}}-\d{{2}}(?!\d)|(?:q[1-4]|h[12]|(?:first|second|third|fourth) (?:quarter|half))(?: of)?,? \d{{4}}|(?:19|20)\d\d\b)"
_COUNT = (
    r"(?:\d{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|ninety|couple of)"
)
_UNIT = r"(?:trading days?|sessions?|bars?|days?|weeks?|months?|quarters?|years?|decades?)"
DAY = re.compile(rf"\b(?:on|at|of|as of) ({_DATE})", re.I)
PERIOD = re.compile(
    rf"\b(?:from {_POINT} (?:to|until|till|through|up to) (?:{_POINT}|now|today)"
    rf"|between {_POINT} and (?:{_POINT}|now|today)"
    rf"|{_POINT} ?(?:to|until|through|\.\.|–) ?{_POINT}"
    rf"|(?:ever )?(?:since|from|after) (?:the )?(?:start of |beginning of )?(?:{_POINT}|{_MONTH}(?! \d)|inception|the beginning|the start)"
    rf"|(?:(?:over |in |during |for )?(?:the )?(?:last|past|previous|prior|trailing|recent) {_COUNT}[ -]?{_UNIT})"
    rf"|(?:over|during|in|for) {_COUNT} {_UNIT}"
    r"|(?:year|month|quarter|week)[- ]to[- ]date|\b[ymqw]td\b"
    r"|(?:this|the current|the last|the past|last|past|the previous|previous|prior) (?:year|quarter|month|week|decade|session|trading day|day)"
    r"|all[- ]time|(?:the )?(?:whole|entire|full) (?:history|period|record)|since (?:the )?(?:beginning|start|inception)"
    r"|today|yesterday|ever\b"
    rf"|(?:in |during |for |over )?(?:all of |the year |calendar year )?{_POINT}"
    r"|(?:in|during|for|since) (?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
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
NOT_SYMBOLS = frozenset(
    "RSI SMA EMA WMA MACD ATR ADX OBV CCI MFI MA BBANDS STOCH YTD MTD QTD WTD OHLC USD EUR GBP USA US UK EU AI ETF CEO CFO"
    " IPO GDP API LLM FAQ VS AND OR THE OF IN ON AT TO FOR IS IT ITS HOW WHAT WHICH DID DO ME MY I A AN OK HI PE EPS OKAY NO YES"
    " Q1 Q2 Q3 Q4 H1 H2 FX".split()
)
SMALL_WORDS = frozenset(
    """a about above after again against all also am an and any are around as ask at average away back bar bars be been
    before being below best better between both but by calculate can candle candles change changed chart charts close closed
    closes closing compare compared comparing comparison compute cost could current currently daily data date day days decade
    did difference do does doing done down draw drawdown drop dropped during each end ever everything far fare fared fell figure
    figures find first for from full gain gained gains gave get give go going gone good had has have he hello help her here hey
    hi high higher highest him his history hour hourly hours how i if in index indicator indicators instrument instruments into
    is it its it's just know large last latest least less let like list look looking lose lost low lower lowest many market
    markets max maximum me mean measure min minute minutes month monthly months more most move moved moving much my near need
    new newest next no not now number of off ok okay on one only open opened or other our out outperform outperformed over past
    peak per percent percentage perform performance performed performing performs period please plot plus point points present
    previous price prices quarter question quote quotes range rate recent recently regarding relative return returned returns
    right rise rose same say see series session sessions share shares she should show simple since small so some start stock
    stocks strong stronger summarise summarize summary tell than thank thanks that the their them then there these they thing
    think this those ticker time to today total trade traded trades trading trend two under underperform until up us use using
    value versus very volatile volatility volume volumes vs want was way we week weekly weeks weight well went were what what's
    whats when where whether which while who whose will with within without work worse worst worth would year yearly years
    yesterday yet you your beat beaten weaker how's hows much's standard deviation risk risky riskier riskiest max versus
    oscillator band bands line signal compared thx cheers desk symbol symbols company companies security securities
    drawdowns quoted including dividends dividend reinvested return's do's fared biggest largest deepest three five
    four six seven eight nine ten hundred thousand it, overview ohlc analysis technical reading level levels value's values
    display draw print output return jan feb mar apr jun jul aug sep sept oct nov dec january february march april june july
    august september october november december monday tuesday wednesday thursday friday saturday sunday""".split()
)
