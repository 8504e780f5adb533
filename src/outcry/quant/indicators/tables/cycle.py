"""Ehlers' Hilbert transforms: the cycle that is in the prices."""

from functools import partial

from outcry.quant.indicators.declaring import fixed, from_talib

_cycle = partial(
    from_talib,
    source="John F. Ehlers, Rocket Science for Traders, 2001.",
    group="cycle",
    inputs=("close",),
    parameters=(),
    series=True,
)

CYCLE = (
    _cycle(
        "ht_dcperiod",
        "Hilbert transform: dominant cycle period",
        "The length, in bars, of the cycle that dominates.",
        warm_up=fixed(32),
    ),
    _cycle(
        "ht_dcphase",
        "Hilbert transform: dominant cycle phase",
        "Where in its cycle the price is, in degrees.",
        warm_up=fixed(63),
    ),
    _cycle(
        "ht_phasor",
        "Hilbert transform: phasor",
        "The cycle's two components, a quarter of a cycle apart.",
        warm_up=fixed(32),
        outputs=("in_phase", "quadrature"),
        priced=True,
    ),
    _cycle(
        "ht_sine",
        "Hilbert transform: sine wave",
        "The sine of the cycle's phase, and the sine an eighth of a cycle ahead; they cross at turns.",
        warm_up=fixed(63),
        outputs=("sine", "lead"),
    ),
    _cycle(
        "ht_trendmode",
        "Hilbert transform: trend or cycle",
        "1 while the price is in a trend, 0 while it is in a cycle.",
        warm_up=fixed(63),
    ),
)
