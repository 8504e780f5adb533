"""Keep the tables in docs/guides/indicators.md those of the catalogue; ``--write`` writes them anew."""

import argparse
from pathlib import Path

from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.computing import complete, warm_up
from outcry.quant.indicators.definition import Indicator, Parameter

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guides" / "indicators.md"
BEGIN, END = "<!-- catalogue: begin -->", "<!-- catalogue: end -->"

GROUPS = {
    "overlap": "averages and bands that lie on the prices",
    "momentum": "how fast prices move, and oscillators",
    "trend": "whether there is a trend, how strong, which way",
    "volatility": "how far prices move, whichever way",
    "volume": "what was traded, and on which side",
    "price": "one price for a bar, and bars made of bars",
    "cycle": "Ehlers' Hilbert transforms",
    "statistic": "statistics of one series, or of two together",
    "level": "prices at which something turned, or may turn again",
    "pattern": "candle patterns: 100 rising, -100 falling, 0 none",
}


def _setting(parameter: Parameter) -> str:
    shown = (
        f"{parameter.name} {parameter.default:g}"
        if parameter.default < 1e6
        else f"{parameter.name} {parameter.default:.0f}"
    )
    return f"{shown} ({parameter.choices[int(parameter.default - parameter.least)]})" if parameter.choices else shown


def _row(indicator: Indicator) -> str:
    reads = "any series" if indicator.inputs == ("close",) and indicator.series else " ".join(indicator.inputs)
    if indicator.inputs == ("close", "other"):
        reads = "any two series"
    cells = (
        f"`{indicator.name}`",
        indicator.title,
        ", ".join(map(_setting, indicator.parameters)),
        reads,
        " ".join(indicator.outputs) if len(indicator.outputs) > 1 else "",
        str(warm_up(indicator.name, complete(indicator, {}))),
    )
    return f"| {' | '.join(cells)} |"


def make_tables() -> str:
    """Return a table for each group, in Markdown."""
    parts = []
    for group, meaning in GROUPS.items():
        entries = [indicator for indicator in CATALOGUE.values() if indicator.group == group]
        parts.append(f"### {group.capitalize()}: {meaning} ({len(entries)})\n")
        parts.append("| name | title | settings | reads | outputs | warm-up |\n|---|---|---|---|---|---|")
        parts.append("\n".join(map(_row, entries)) + "\n")
    return "\n".join(parts)


def main(*, write: bool) -> None:
    """Compare, or write."""
    text = GUIDE.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    wanted = f"{before}{BEGIN}\n\n{make_tables()}\n{END}{after}"
    if write:
        GUIDE.write_text(wanted)
    elif text != wanted:
        raise SystemExit(
            "docs/guides/indicators.md is not of this catalogue: python scripts/check_indicator_guide.py --write"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables anew")
    main(write=parser.parse_args().write)
