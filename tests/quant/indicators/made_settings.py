"""Settings drawn by chance, for tests of indicators."""

import random

from outcry.kit.errors import InvalidInputError
from outcry.quant.indicators.computing import complete
from outcry.quant.indicators.definition import Indicator, Parameter


def draw(chance: random.Random, parameter: Parameter) -> float:
    """Return a setting of the parameter, short periods most often."""
    most = min(parameter.most, parameter.least + (40 if parameter.whole else 5))
    if parameter.whole:
        return chance.randint(int(parameter.least), int(most))
    return round(chance.uniform(parameter.least, most), 2)


def draw_settings(indicator: Indicator, chance: random.Random) -> dict[str, float]:
    """Return settings that the indicator takes."""
    while True:
        chosen = {one.name: draw(chance, one) for one in indicator.parameters}
        try:
            return complete(indicator, chosen)
        except InvalidInputError:
            continue
