"""The guide says what is there: every function and series, limits as they are, and texts that can be read."""

import re
from pathlib import Path

import pytest

from outcry.quant.formula import limits
from outcry.quant.formula.analysing import analyse
from outcry.quant.formula.functions import FUNCTIONS
from outcry.quant.formula.words import COLUMNS, MEANS

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "formulas.md").read_text(encoding="utf-8")
VALUES = GUIDE.split("## Values")[1].split("## Signs")[0]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_function_and_series_is_in_the_guide() -> None:
    words = {word for text in quoted(GUIDE) for word in re.findall(r"[a-z_0-9]+", text)}
    assert {*FUNCTIONS, *COLUMNS, *MEANS, "if", "and", "or", "not"} - words == set()


def formulas_of(guide: str) -> list[str]:
    """The lines of a guide that are set off as code and read like a condition."""
    text = (Path(__file__).parents[3] / "docs" / "guides" / guide).read_text(encoding="utf-8")
    return re.findall(r"^    ([a-z_]+(?:\([^)]*\))? (?:[<>]|crosses_|and ).*)$", text, re.MULTILINE)


@pytest.mark.parametrize("text", formulas_of("candle-patterns.md") + formulas_of("formulas.md"))
def test_every_formula_that_a_guide_sets_off_can_be_read(text: str) -> None:
    analyse(text)


def test_formulas_are_found_in_the_guides() -> None:
    assert len(formulas_of("candle-patterns.md")) >= 2
    assert len(formulas_of("formulas.md")) >= 1


def test_its_example_can_be_read() -> None:
    (example,) = re.findall(r"^    (\S.*)$", GUIDE, re.MULTILINE)
    assert analyse(example).text == example


@pytest.mark.parametrize(
    "text", [one for line in VALUES.splitlines() for one in quoted(line.split("|")[1:2][0] if "|" in line else "")]
)
def test_every_value_that_it_shows_can_be_read(text: str) -> None:
    if text != "[n]":
        analyse(text)


@pytest.mark.parametrize(
    "figure",
    [
        f"{limits.MOST_CHARACTERS:,} characters",
        f"{limits.MOST_DEPTH} levels",
        f"{limits.MOST_STEPS} steps",
        f"{limits.MOST_ORIGINS} instruments",
        f"{limits.MOST_COST:,} units",
        f"{limits.MOST_LOOK_BACK:,} bars",
    ],
)
def test_its_limits_are_those_of_the_program(figure: str) -> None:
    assert figure in GUIDE.replace("\n", " ")
