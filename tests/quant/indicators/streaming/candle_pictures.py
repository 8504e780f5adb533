"""A hand-drawn example of every candle pattern: the answer expected, and the candles (open, high, low, close).

They follow ``ORDINARY``, candles with a body of 1 and shadows of 0.5: a body over 1 is long there, under 1 short, up
to 0.2 a doji; a shadow under 0.2 is none; near is 0.4, far 1.2, equal 0.1.
"""

import numpy as np

from outcry.kit.market import Floats

Row = tuple[float, float, float, float]

ORDINARY: list[Row] = [(100, 101.5, 99.5, 101), (101, 101.5, 99.5, 100)] * 8

PICTURES: dict[str, tuple[int, list[Row]]] = {
    "belt_hold": (100, [(100, 103.5, 100, 103)]),
    "closing_marubozu": (-100, [(103, 103.5, 100, 100)]),
    "marubozu": (100, [(100, 103, 100, 103)]),
    "long_line": (-100, [(103, 103.4, 99.6, 100)]),
    "short_line": (100, [(100, 100.8, 99.9, 100.5)]),
    "spinning_top": (-100, [(100.4, 101, 99.4, 100)]),
    "high_wave": (100, [(100, 102, 98, 100.4)]),
    "doji": (100, [(100, 101, 99, 100.1)]),
    "dragonfly_doji": (100, [(100, 100.1, 98, 100)]),
    "gravestone_doji": (100, [(100, 102, 99.9, 100)]),
    "long_legged_doji": (100, [(100, 101.5, 98.5, 100.1)]),
    "rickshaw_man": (100, [(100, 101.5, 98.5, 100.1)]),
    "takuri": (100, [(100, 100.1, 97, 100.1)]),
    "hammer": (100, [(99, 99.6, 96.5, 99.5)]),
    "hanging_man": (-100, [(102, 102.6, 99.5, 102.5)]),
    "inverted_hammer": (100, [(99, 101, 98.9, 99.5)]),
    "shooting_star": (-100, [(102, 104, 101.9, 102.5)]),
    "engulfing": (100, [(101, 101.5, 99.5, 100), (99.8, 102, 99.5, 101.5)]),
    "harami": (-100, [(100, 103.5, 99.5, 103), (102, 102.5, 101, 101.5)]),
    "harami_cross": (100, [(103, 103.5, 99.5, 100), (101, 101.5, 100.5, 101.1)]),
    "homing_pigeon": (100, [(103, 103.5, 99.5, 100), (102, 102.5, 101, 101.5)]),
    "doji_star": (-100, [(100, 103.2, 99.8, 103), (103.5, 104, 103, 103.6)]),
    "counterattack": (100, [(103, 103.5, 99.5, 100), (97, 100.5, 96.5, 100.05)]),
    "dark_cloud_cover": (-100, [(100, 103.5, 99.5, 103), (104, 104.5, 100.5, 101)]),
    "piercing": (100, [(103, 103.5, 99.5, 100), (99, 102.5, 98.5, 102)]),
    "on_neck": (-100, [(103, 103.5, 99.5, 100), (98.5, 99.8, 98, 99.5)]),
    "in_neck": (-100, [(103, 103.5, 99.5, 100), (98.5, 100.5, 98, 100.05)]),
    "thrusting": (-100, [(103, 103.5, 99.5, 100), (98.5, 101.5, 98, 101)]),
    "kicking": (-100, [(100, 103, 100, 103), (99.5, 99.5, 97, 97)]),
    "kicking_by_length": (100, [(100, 103, 100, 103), (99.5, 99.5, 97, 97)]),
    "matching_low": (100, [(103, 103.5, 99.5, 100), (101.5, 102, 99.8, 100.05)]),
    "separating_lines": (100, [(103, 103.5, 99.5, 101), (103, 105.5, 103, 105)]),
    "two_crows": (-100, [(100, 103.5, 99.5, 103), (105, 105.5, 103.5, 104), (104.5, 105, 100.5, 101)]),
    "upside_gap_two_crows": (-100, [(100, 103.2, 99.8, 103), (104.8, 105, 103.8, 104), (105.2, 105.5, 103.2, 103.5)]),
    "three_inside": (100, [(103, 103.5, 99.5, 100), (101, 102, 100.5, 101.5), (101.5, 104, 101, 103.5)]),
    "three_outside": (-100, [(100, 101.5, 99.5, 101), (101.5, 102, 99, 99.5), (99.5, 100, 98, 98.5)]),
    "three_stars_in_the_south": (100, [(103, 103.2, 96, 100), (101.5, 101.7, 97, 99.9), (99, 99.1, 98.5, 98.6)]),
    "three_white_soldiers": (
        100,
        [(100, 102.1, 99.8, 102), (101.5, 103.6, 101.3, 103.5), (103, 105.1, 102.8, 105)],
    ),
    "advance_block": (-100, [(100, 103.2, 99.8, 103), (102.5, 105, 102.3, 104.5), (104.3, 106.5, 104, 105.2)]),
    "stalled_pattern": (-100, [(100, 103.2, 99.8, 103), (102.5, 105.1, 102.3, 105), (105, 105.8, 104.8, 105.4)]),
    "evening_star": (-100, [(100, 103.2, 99.8, 103), (103.5, 104.5, 103.2, 104), (103, 103.2, 100.8, 101)]),
    "evening_doji_star": (-100, [(100, 103.2, 99.8, 103), (103.5, 104.5, 103.2, 103.6), (103, 103.2, 100.8, 101)]),
    "morning_star": (100, [(103, 103.2, 99.8, 100), (99, 99.8, 98.2, 99.5), (100, 102.2, 99.8, 102)]),
    "morning_doji_star": (100, [(103, 103.2, 99.8, 100), (99, 99.8, 98.2, 99.1), (100, 102.2, 99.8, 102)]),
    "abandoned_baby": (-100, [(100, 103.2, 99.8, 103), (104, 104.5, 103.6, 104.1), (103, 103.2, 100.8, 101)]),
    "gap_side_by_side_white": (
        100,
        [(100, 101.5, 99.5, 101), (102, 103.5, 101.8, 103), (102.05, 103.4, 101.8, 103.1)],
    ),
    "tasuki_gap": (100, [(100, 101.5, 99.5, 101), (102.5, 104, 102.3, 103.5), (103, 103.2, 101.9, 102)]),
    "gap_three_methods": (100, [(100, 101.5, 99.5, 101), (102, 103.5, 101.8, 103), (102.5, 102.8, 100, 100.5)]),
    "identical_three_crows": (
        -100,
        [(106, 106.3, 104, 104), (104, 104.3, 102, 102), (102.05, 102.3, 100, 100)],
    ),
    "stick_sandwich": (100, [(102, 102.5, 99.5, 100), (101, 103.5, 100.6, 103), (103, 103.2, 99.8, 100.05)]),
    "tristar": (-100, [(100, 101, 99, 100.1), (101, 101.5, 100.5, 101.1), (100.5, 101, 100, 100.6)]),
    "unique_three_river": (100, [(103, 103.2, 99.5, 100), (102, 102.2, 98.5, 101), (99.4, 100, 99, 99.8)]),
    "three_black_crows": (
        -100,
        [(104, 106.5, 103.5, 106), (105.5, 105.8, 104, 104), (105, 105.2, 102.5, 102.5), (103.5, 103.7, 101, 101)],
    ),
    "three_line_strike": (
        100,
        [(100, 101.5, 99.5, 101), (100.5, 102.5, 100, 102), (101.5, 103.5, 101, 103), (103.5, 104, 99, 99.5)],
    ),
    "concealing_baby_swallow": (
        100,
        [(110, 110, 107, 107), (107, 107, 104, 104), (103.5, 104.5, 102, 102.5), (105, 105, 101.5, 102)],
    ),
    "breakaway": (
        100,
        [
            (104, 104.2, 100.8, 101),
            (100.5, 100.7, 99.3, 99.5),
            (99.5, 100, 98.5, 99),
            (99, 99.5, 97.5, 98),
            (98, 101, 97.8, 100.8),
        ],
    ),
    "ladder_bottom": (
        100,
        [
            (106, 106.3, 104, 104.2),
            (105, 105.3, 103, 103.2),
            (104, 104.3, 102, 102.2),
            (102, 103, 101, 101.2),
            (102.5, 104, 102.3, 103.8),
        ],
    ),
    "mat_hold": (
        100,
        [
            (100, 104.2, 99.8, 104),
            (105, 105.2, 104.3, 104.5),
            (104.3, 104.5, 103.5, 103.7),
            (103.8, 104, 103, 103.2),
            (103.5, 106.2, 103.3, 106),
        ],
    ),
    "rise_fall_three_methods": (
        -100,
        [
            (104, 104.2, 99.8, 100),
            (100.5, 101.2, 100.3, 101),
            (101, 101.7, 100.8, 101.5),
            (101.5, 102.2, 101.3, 102),
            (101.5, 101.7, 98.8, 99),
        ],
    ),
    "hikkake": (100, [(100, 103, 99, 101), (101, 102, 100, 101), (100.5, 101, 99.5, 100)]),
    "hikkake_modified": (
        -100,
        [(100, 104, 98, 101), (101, 103, 99, 102.9), (101, 102, 100, 101), (101.5, 102.5, 100.5, 102)],
    ),
}


def random_walk(count: int, seed: int, tick: float = 0.0, gaps: float = 0.3) -> Floats:
    """Return candles, a row each, whose bodies and shadows are now small, now large, and sometimes nothing.

    Opens lie off the close before in the share ``gaps`` of all bars. With a tick, prices are multiples of it.
    """
    random = np.random.default_rng(seed)
    size = max(tick * 4, 0.3)
    change = random.normal(0, size, count) * random.choice([0, 0.1, 0.3, 1, 3], count)
    gap = random.normal(0, size, count) * (random.random(count) < gaps)
    close = 100 + np.cumsum(change + gap - 0.02 * np.cumsum(change + gap) / np.arange(1, count + 1))
    opened = close - change
    up, down = (np.abs(random.normal(0, size, count)) * random.choice([0, 0, 0.3, 1, 3], count) for _ in "ab")
    return _rounded(np.stack([opened, np.maximum(opened, close) + up, np.minimum(opened, close) - down, close]).T, tick)


def redrawn(count: int, seed: int, tick: float = 0.0) -> Floats:
    """Return the pictures, one after another, each drawn again by a shaky hand, some upside down: near misses."""
    random = np.random.default_rng(seed)
    pictures = [rows for _, rows in PICTURES.values()]
    drawn = []
    for _ in range(count):
        rows = np.array(ORDINARY[: random.integers(11, 16)] + pictures[random.integers(len(pictures))])
        shaken = random.random(rows.shape) < random.choice([0.1, 0.3, 0.7])
        rows = rows + shaken * random.normal(0, random.choice([0.02, 0.06, 0.2, 0.5]), rows.shape)
        if random.random() < 0.4:
            rows = 200 - rows[:, [0, 2, 1, 3]]
        rows[:, 1] = rows.max(axis=1)
        rows[:, 2] = rows.min(axis=1)
        drawn.append(rows)
    return _rounded(np.concatenate(drawn), tick)


def _rounded(rows: Floats, tick: float) -> Floats:
    return np.round(np.round(rows / tick) * tick, 2) if tick else rows
