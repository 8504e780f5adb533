"""Reads an XBRL 2.1 instance: the figures of one report, as the company files them.

Figures about the whole company are taken; those about a part of it (a context with a segment or scenario) and those
that are text are left out and counted. An instance does not say when it was filed: that has to be told.
"""

import re
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, ParseError  # parsed by defusedxml alone

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from outcry.services.charts.fundamentals.reported import Filing, ReportedFact, ReportedFile, UnusableReportError

_XBRLI = "{http://www.xbrl.org/2003/instance}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NAMESPACE = re.compile(r"\{https?://([^}]*)\}(.+)")
_MOST_TEXT = 400


@dataclass(frozen=True, slots=True)
class _Period:
    start: date | None
    end: date


def read_instance(data: bytes, *, filed: date | None) -> ReportedFile:
    """Return what an instance holds; raises UnusableReportError where it is none, or ``filed`` is not told."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError, LookupError) as error:
        raise UnusableReportError("It is no plain XML document.") from error
    if root.tag != f"{_XBRLI}xbrl":
        raise UnusableReportError("It is XML, but no XBRL instance.")
    if filed is None:
        raise UnusableReportError(
            "An XBRL instance does not say when it was filed.",
            errors=({"field": "filed", "message": "on which day was the report filed?"},),
        )
    about = _about(root)
    read = ReportedFile(entity=about.get("EntityRegistrantName", "")[:200], symbol=about.get("TradingSymbol", "")[:32])
    read.cik = about.get("EntityCentralIndexKey", "")[:10]
    filing = _filing(about, filed)
    periods, units = _periods(root), _units(root)
    best: dict[tuple[str, str, date | None, date], tuple[float, ReportedFact]] = {}
    for number, element in enumerate(root, 1):
        context = element.get("contextRef")
        if context is None:
            continue
        period, unit = periods.get(context), units.get(element.get("unitRef", ""))
        text = (element.text or "").strip()
        if period is None or unit is None or not text or element.get(_NIL) == "true":
            read.left_out += 1
            continue
        _note(read, best, element, number, period, unit, filing)
    for _, fact in best.values():
        read.facts.append(fact)
    return read


def _note(
    read: ReportedFile,
    best: dict[tuple[str, str, date | None, date], tuple[float, ReportedFact]],
    element: Element,
    number: int,
    period: _Period,
    unit: str,
    filing: Filing,
) -> None:
    """Take a figure. One that is written twice, rounded and not, counts as the more exact one."""
    concept = _concept(element.tag)
    where = f"element {number}, {concept[:100]}"
    try:
        value = float((element.text or "").strip()[:_MOST_TEXT])
        decimals = _decimals(element.get("decimals", ""))
    except ValueError:
        read.refuse(f"{where}: its value is no number")
        return
    fact = ReportedFact(concept=concept, unit=unit, start=period.start, end=period.end, value=value, filing=filing)
    checked = ReportedFile()
    checked.take(fact, where)
    if checked.problems:
        read.refuse(checked.problems[0])
        return
    key = (concept, unit, period.start, period.end)
    known = best.get(key)
    if known is None or decimals > known[0]:
        best[key] = (decimals, fact)


def _about(root: Element) -> dict[str, str]:
    """Return what the document says of itself: its elements of the taxonomy ``dei``, in their first context."""
    found: dict[str, str] = {}
    for element in root:
        if element.get("contextRef") is not None and "/dei/" in element.tag:
            found.setdefault(element.tag.rpartition("}")[2], (element.text or "").strip()[:_MOST_TEXT])
    return found


def _filing(about: dict[str, str], filed: date) -> Filing:
    year = about.get("DocumentFiscalYearFocus", "")
    return Filing(
        form=about.get("DocumentType", "")[:20],
        filed=filed,
        fiscal_year=int(year) if re.fullmatch(r"(19|20|21)\d\d", year) else None,
        fiscal_period=about.get("DocumentFiscalPeriodFocus", "")[:4],
    )


def _periods(root: Element) -> dict[str, _Period]:
    """Return the contexts that are about the whole company, by their ids."""
    found = {}
    for context in root.iter(f"{_XBRLI}context"):
        if context.find(f"{_XBRLI}entity/{_XBRLI}segment") is not None or context.find(f"{_XBRLI}scenario") is not None:
            continue
        period = context.find(f"{_XBRLI}period")
        if period is None:
            continue
        instant, start = period.findtext(f"{_XBRLI}instant"), period.findtext(f"{_XBRLI}startDate")
        end = instant or period.findtext(f"{_XBRLI}endDate")
        if not end or not (instant or start):
            continue
        try:
            found[context.get("id", "")] = _Period(_day(start) if start and not instant else None, _day(end))
        except ValueError:
            continue
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text.strip()[:10])


def _units(root: Element) -> dict[str, str]:
    """Return the units by their ids: ``USD``, ``shares``, ``USD/shares``."""
    found = {}
    for unit in root.iter(f"{_XBRLI}unit"):
        divide = unit.find(f"{_XBRLI}divide")
        if divide is None:
            name = _measures(unit)
        else:
            above, below = divide.find(f"{_XBRLI}unitNumerator"), divide.find(f"{_XBRLI}unitDenominator")
            name = "" if above is None or below is None else f"{_measures(above)}/{_measures(below)}"
        if name:
            found[unit.get("id", "")] = name
    return found


def _measures(inside: Element) -> str:
    names = [(measure.text or "").strip().rpartition(":")[2] for measure in inside.findall(f"{_XBRLI}measure")]
    return "*".join(names)[:40]


def _decimals(text: str) -> float:
    return float("inf") if text in ("", "INF") else float(int(text))


def _concept(tag: str) -> str:
    """Return ``us-gaap:Assets`` of a tag whose namespace is such as http://fasb.org/us-gaap/2022."""
    parts = _NAMESPACE.fullmatch(tag)
    if parts is None:
        return tag[:200]
    address, name = parts.groups()
    words = [part for part in address.split("/")[1:] if not part.replace("-", "").isdigit()]
    prefix = words[0] if words else address.split("/")[0].removeprefix("www.").partition(".")[0]
    return f"{prefix}:{name}"
