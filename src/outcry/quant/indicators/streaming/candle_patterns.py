"""The sixty-one candle patterns, and what opens the stream of each."""

from collections.abc import Mapping

from outcry.quant.indicators.streaming import (
    candles_hikkake,
    candles_long,
    candles_pairs,
    candles_single,
    candles_triples,
)
from outcry.quant.indicators.streaming.candles import Pattern, PatternStream
from outcry.quant.indicators.streaming.candles_hikkake import HikkakeStream
from outcry.quant.indicators.streaming.stream import Open, Settings, Stream

PATTERNS: Mapping[str, Pattern] = {
    pattern.name: pattern
    for group in (candles_single, candles_pairs, candles_triples, candles_long, candles_hikkake)
    for pattern in group.PATTERNS
}


def _opener(pattern: Pattern) -> Open:
    def open_pattern(settings: Settings) -> Stream:
        if pattern in candles_hikkake.PATTERNS:
            return HikkakeStream(pattern)
        return PatternStream(pattern, None if pattern.penetration is None else settings["penetration"])

    return open_pattern


STREAMS: Mapping[str, Open] = {name: _opener(pattern) for name, pattern in PATTERNS.items()}
