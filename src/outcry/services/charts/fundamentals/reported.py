"""What a company reported: one figure of one filing, and what a file of such figures holds."""

import math
import re
from dataclasses import dataclass, field
from datetime import date

from outcry.kit.errors import InvalidInputError

MOST_FACTS = 400_000
SHOWN_PROBLEMS = 10
_MOST_VALUE = 1e18
_CONCEPT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}:[A-Za-z][A-Za-z0-9_.-]{0,199}")
_UNIT = re.compile(r"[A-Za-z][A-Za-z0-9_:*/ -]{0,39}")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One report: its form (such as 10-K), when it was filed, and its accession number where that is known.

    ``fiscal_period`` is FY or Q1 to Q4 of ``fiscal_year``, as the company counts its years.
    """

    form: str
    filed: date
    accession: str = ""
    fiscal_year: int | None = None
    fiscal_period: str = ""

    @property
    def key(self) -> str:
        """What tells this filing from the others of its company."""
        return self.accession or f"{self.form} {self.filed.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFact:
    """One figure. ``concept`` is such as ``us-gaap:Assets``, ``unit`` such as ``USD`` or ``USD/shares``.

    ``start`` and ``end`` are the first and the last day of what it is about; ``start`` is None where it is about the
    end of the day ``end``, as what stands in a balance sheet is.
    """

    concept: str
    unit: str
    start: date | None
    end: date
    value: float
    filing: Filing


@dataclass(slots=True)
class ReportedFile:
    """What a file holds; ``problems`` are the first of ``problem_count`` figures that cannot be used, and why."""

    entity: str = ""
    cik: str = ""
    symbol: str = ""
    facts: list[ReportedFact] = field(default_factory=list)
    left_out: int = 0
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0

    def refuse(self, problem: str) -> None:
        """Note a figure that cannot be used."""
        self.problem_count += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem)

    def take(self, fact: ReportedFact, where: str) -> None:
        """Take a figure, or note why it cannot be used. Raises UnusableReportError for more than are sensible."""
        problem = find_problem(fact)
        if problem:
            self.refuse(f"{where}: {problem}")
        elif len(self.facts) >= MOST_FACTS:
            raise UnusableReportError(f"The file has more than {MOST_FACTS:,} figures.")
        else:
            self.facts.append(fact)


class UnusableReportError(InvalidInputError):
    """A file of reported figures cannot be read; the detail is one sentence that says why."""

    code, title = "unusable_report", "The file of reported figures cannot be read"


def find_problem(fact: ReportedFact) -> str:
    """Return what is wrong with a figure, in a few words; empty when nothing is."""
    if not _CONCEPT.fullmatch(fact.concept):
        return "its name is none"
    if not _UNIT.fullmatch(fact.unit):
        return "its unit is none"
    if not math.isfinite(fact.value) or abs(fact.value) > _MOST_VALUE:
        return "its value is no number that can be"
    if not _EARLIEST <= fact.end < _LATEST or (fact.start and not _EARLIEST <= fact.start <= fact.end):
        return "its period cannot be"
    if not _EARLIEST <= fact.filing.filed < _LATEST:
        return "the day on which it was filed cannot be"
    if fact.filing.filed < fact.end and fact.start is not None:
        return "it was filed before its period was over"
    return ""


def to_words(concept: str) -> str:
    """Return a concept's name in words: ``us-gaap:NetIncomeLoss`` gives ``Net income loss``.

    Capitals that stand together are an abbreviation and stay: ``IncomeTaxRatePercentUSA`` ends with ``USA``.
    """
    name = concept.partition(":")[2]
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    lower = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    text = " ".join(lower)
    return text[:1].upper() + text[1:]
