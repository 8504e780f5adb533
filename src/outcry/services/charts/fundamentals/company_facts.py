"""Reads the SEC's company facts: one JSON document with every figure that a company ever reported by XBRL.

The form is that of https://data.sec.gov/api/xbrl/companyfacts/: facts, by taxonomy, concept and unit. A figure has
``start`` (where it is about some time), ``end`` and ``val``; ``accn``, ``form``, ``filed``, ``fy`` and ``fp`` tell its
filing.
"""

import json
from datetime import date
from typing import Any

from outcry.services.charts.fundamentals.reported import Filing, ReportedFact, ReportedFile, UnusableReportError

_SHORT = 40


def read_company_facts(data: bytes) -> ReportedFile:
    """Return what the document holds; raises UnusableReportError where it is none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnusableReportError("It is no JSON document.") from error
    if not isinstance(document, dict) or not isinstance(document.get("facts"), dict):
        raise UnusableReportError("It has no facts as the SEC's company facts have them.")
    read = ReportedFile(entity=_text(document.get("entityName"))[:200], cik=_cik(document.get("cik")))
    filings: dict[tuple[Any, ...], Filing] = {}
    for taxonomy, concepts in document["facts"].items():
        for name, concept in _items(concepts):
            units = concept.get("units") if isinstance(concept, dict) else None
            for unit, figures in _items(units):
                _read_figures(read, f"{taxonomy}:{name}", unit, figures, filings)
    return read


def _read_figures(
    read: ReportedFile, concept: str, unit: str, figures: Any, filings: dict[tuple[Any, ...], Filing]
) -> None:
    for number, figure in enumerate(figures if isinstance(figures, list) else (), 1):
        where = f"{concept[:100]} in {unit[:20]}, number {number}"
        try:
            read.take(_to_fact(concept, unit, figure, filings), where)
        except (KeyError, TypeError, ValueError, OverflowError):
            read.refuse(f"{where}: it is not written as a figure is")


def _to_fact(concept: str, unit: str, figure: dict[str, Any], filings: dict[tuple[Any, ...], Filing]) -> ReportedFact:
    value = figure["val"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("val")
    start = figure.get("start")
    key = (figure["accn"], figure["form"], figure["filed"], figure.get("fy"), figure.get("fp"))
    filing = filings.get(key)
    if filing is None:
        filing = filings[key] = _to_filing(*key)
    return ReportedFact(
        concept=concept,
        unit=unit,
        start=date.fromisoformat(start) if start is not None else None,
        end=date.fromisoformat(figure["end"]),
        value=float(value),
        filing=filing,
    )


def _to_filing(accession: str, form: str, filed: str, year: object, period: object) -> Filing:
    if len(accession) > _SHORT or len(form) > _SHORT:
        raise ValueError("too long")
    return Filing(
        form=form,
        filed=date.fromisoformat(filed),
        accession=accession,
        fiscal_year=year if isinstance(year, int) and 1900 <= year < 2200 else None,
        fiscal_period=period if isinstance(period, str) and len(period) <= 4 else "",
    )


def _items(found: Any) -> list[tuple[str, Any]]:
    return list(found.items()) if isinstance(found, dict) else []


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _cik(found: Any) -> str:
    digits = str(found) if isinstance(found, int | str) else ""
    return digits.zfill(10) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else ""
