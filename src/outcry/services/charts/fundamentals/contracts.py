"""What HTTP shows of reported figures, beside the facts themselves, which stand in the service's contracts."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """What a company reports: its name, the same in words, its unit, and the newest period that is known."""

    concept: str
    title: str
    unit: str
    periods: int
    newest: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsImport:
    """What became of a file: its figures, how many are new or different, and of those refused the first with why.

    ``left_out`` counts figures about a part of the company, and those that are text.
    """

    symbol: str
    entity: str
    facts: int
    filings: int
    changed: int
    left_out: int
    refused: int
    problems: tuple[str, ...]
