"""A compliance report as PDF. Takes as long as it takes: not for the event loop."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from outcry.services.audit.checkpoints import SignedCheckpoint
from outcry.services.audit.report import ComplianceReport
from outcry.services.audit.report_fonts import FONT, is_plain, load_fonts, to_markup
from outcry.services.audit.report_words import WORDS

# Longer tables are cut: a page takes some 40 lines, and the CSV has them all.
_MOST_LINES = 500
_LONGEST_CELL = 300
_INK, _GREY, _LINE, _ACCENT, _BAND = map(HexColor, ("#1c2330", "#667085", "#d0d5dd", "#0f5f7a", "#f2f5f7"))
_MARGIN = 18 * mm
_PADDING = 3
_FRAME = 6  # points that a page's frame keeps free within its margins
_WIDTH = A4[0] - 2 * _MARGIN

_BODY = ParagraphStyle("body", fontName=FONT, fontSize=8, leading=11, textColor=_INK)
_NOTE = ParagraphStyle("note", parent=_BODY, fontSize=8, leading=11, textColor=_GREY, spaceAfter=2 * mm)
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=22, leading=28, textColor=_ACCENT)
_WHOSE = ParagraphStyle("whose", parent=_BODY, fontSize=13, leading=18)
_HEADING = ParagraphStyle("heading", parent=_BODY, fontSize=13, leading=17, spaceBefore=7 * mm, textColor=_ACCENT)
_COLUMN = ParagraphStyle("column", parent=_BODY, fontSize=7.5, leading=10, textColor=_GREY)
_COUNTS = ParagraphStyle("counts", parent=_COLUMN, alignment=TA_RIGHT)
_MARK = ParagraphStyle("mark", parent=_BODY, fontSize=7.5, leading=10, wordWrap="CJK")


class _Numbered(Canvas):  # type: ignore[misc]  # the library has no types
    """A canvas whose pages say which of how many they are."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # the library's name
        """Keep the page: how many there will be is not known yet."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write the pages, each with its number."""
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(FONT, 7.5)
            self.setFillColor(_GREY)
            self.drawString(_MARGIN, 10 * mm, "Compliance report, from the audit log of Outcry")
            self.drawRightString(A4[0] - _MARGIN, 10 * mm, f"Page {number} of {len(self._pages)}")
            Canvas.showPage(self)
        Canvas.save(self)


def to_pdf(report: ComplianceReport, font: Path | None = None) -> bytes:
    """Return the report on pages of A4; ``font`` is one more, for scripts that ours does not have."""
    load_fonts(font)
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN - _FRAME,
        rightMargin=_MARGIN - _FRAME,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=f"Compliance report {report.start:%Y-%m-%d} to {report.end:%Y-%m-%d}",
        author=report.organisation,
        creator="Outcry",
        lang="en",
    )
    document.build(_story(report), canvasmaker=_Numbered)
    return file.getvalue()


def _story(report: ComplianceReport) -> list[Flowable]:
    return [
        *_head(report),
        *_access(report),
        *_roles(report),
        *_exports(report),
        *_failures(report),
        *_log(report),
    ]


def _head(report: ComplianceReport) -> list[Flowable]:
    sign_ins = sum(one.sign_ins for one in report.access)
    failed = sum(one.sign_ins for one in report.failures)
    refused = sum(one.refusals for one in report.failures)
    figures = (
        ("Sign-ins", sign_ins),
        ("Failed sign-ins", failed),
        ("Refused acts", refused),
        ("Changed roles", len(report.role_changes)),
        ("Exports", len(report.exports)),
    )
    cells = [[_text(f"{number:,}", _WHOSE) for _, number in figures], [_text(name, _COLUMN) for name, _ in figures]]
    box = Table(cells, colWidths=[_WIDTH / len(figures)] * len(figures), spaceBefore=5 * mm, hAlign="LEFT")
    box.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), _BAND), ("TOPPADDING", (0, 0), (-1, 0), 6)]))
    return [
        _text("Compliance report", _TITLE),
        _text(report.organisation or str(report.organisation_id), _WHOSE),
        Spacer(1, 2 * mm),
        _text(f"{_time(report.start)} to {_time(report.end)}, made {_time(report.made_at)}. Times are UTC.", _BODY),
        _text("Names are those of today. Who left is a former member; who was erased has no name any more.", _NOTE),
        box,
    ]


def _access(report: ComplianceReport) -> list[Flowable]:
    signed = [
        (one.name, one.sign_ins, _ways(one.ways), one.networks, one.devices, _time(one.first), _time(one.last))
        for one in report.access
    ]
    reads = [(one.name or "nobody named", WORDS.get(one.act, one.act), one.times, one.things) for one in report.reads]
    return [
        *_section("Access", "Who signed in, by which ways (RFC 8176), from how many networks."),
        _table(
            ("Person", "Sign-ins", "Ways", "Networks", "New devices", "First", "Last"),
            (40, 16, 32, 17, 15, 27, 27),
            signed,
        ),
        *_section("Reading of others' data", "Who looked at lists of people and at the audit log."),
        _table(("Person", "What", "Times", "Things seen"), (60, 64, 25, 25), reads),
    ]


def _roles(report: ComplianceReport) -> list[Flowable]:
    changes = [
        (_time(one.time), one.name, WORDS.get(one.act, one.act), one.before, one.after, one.actor, one.index)
        for one in report.role_changes
    ]
    held = [(one.role, one.name, str(one.person_id), one.state, _time(one.since)) for one in report.roles]
    return [
        *_section("Changes of roles", "Each with its entry in the log, by which it can be proved."),
        _table(("Time", "Person", "Act", "Before", "After", "By", "Entry"), (27, 33, 24, 25, 25, 26, 14), changes),
        *_section(
            "Who holds which role at the end",
            "By the entries of the log. Who joined before the log began and was not changed since is not in it.",
        ),
        _table(("Role", "Person", "Id", "State", "Since"), (20, 45, 64, 18, 27), held),
    ]


def _exports(report: ComplianceReport) -> list[Flowable]:
    rows = [
        (_time(one.time), one.actor or "the operator", WORDS.get(one.act, one.act), one.what, one.index)
        for one in report.exports
    ]
    return [
        *_section("Exports", "What was given out: people's own data, the log, reports."),
        _table(("Time", "Who", "What", "Of what", "Entry"), (27, 38, 34, 61, 14), rows),
    ]


def _failures(report: ComplianceReport) -> list[Flowable]:
    people = [
        (one.name or "nobody known", one.network, one.sign_ins, one.step_ups, one.refusals, one.others)
        for one in report.failures
    ]
    days = [
        (one.day.isoformat(), one.sign_ins, one.step_ups, one.refusals, one.others) for one in report.failures_by_day
    ]
    kinds = ("Sign-ins", "Fresh factors", "Refused acts", "Others")
    return [
        *_section("Failures, by person and network", "A network is an IPv4 address or a /64 of IPv6."),
        _table(("Person", "Network", *kinds), (46, 48, 20, 20, 20, 20), people),
        *_section("Failures, by day", ""),
        _table(("Day", *kinds), (54, 30, 30, 30, 30), days),
    ]


def _log(report: ComplianceReport) -> list[Flowable]:
    log = report.log
    rows: list[tuple[object, object]] = [
        ("Entries of the period", f"{log.entries:,}"),
        ("Checkpoint at the start", _checkpoint(log.at_start)),
        ("Checkpoint at the end", _checkpoint(log.at_end)),
        ("Signed by", log.key),
    ]
    if log.unread:
        rows.append(("Archived away", f"{log.unread:,} entries, which are in no section of this report"))
    return [
        *_section("The log itself", "What this report is made from. Compare with checkpoints that you keep elsewhere."),
        _table(("", ""), (44, 130), rows, style=_MARK),
    ]


def _checkpoint(checkpoint: SignedCheckpoint | None) -> str:
    if checkpoint is None:
        return "none yet"
    return f"{checkpoint.size:,} entries, {_time(checkpoint.time)}, root {checkpoint.root}"


def _ways(ways: Mapping[str, int]) -> str:
    return ", ".join(f"{way} {count}" for way, count in ways.items())


def _section(heading: str, note: str) -> list[Flowable]:
    found = [_text(heading, _HEADING), _text(note, _NOTE)]
    for one in found:
        one.keepWithNext = 1
    return found


def _table(
    columns: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[object]], *, style: Any = _BODY
) -> Flowable:
    lines = list(rows)
    if not lines:
        return _text("None in this period.", _BODY)
    shown = [
        [_cell(cell, width * mm - 2 * _PADDING, style) for cell, width in zip(line, widths, strict=True)]
        for line in lines[:_MOST_LINES]
    ]
    named = any(columns)
    if named:
        counts = [isinstance(cell, int) for cell in lines[0]]
        shown.insert(
            0, [_text(name, _COUNTS if right else _COLUMN) for name, right in zip(columns, counts, strict=True)]
        )
    if len(lines) > _MOST_LINES:
        shown.append(
            [_text(f"and {len(lines) - _MOST_LINES:,} more, which the CSV has", _NOTE), *[""] * (len(columns) - 1)]
        )
    table = Table(shown, colWidths=[width * mm for width in widths], repeatRows=int(named), hAlign="LEFT")
    commands: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("FONT", (0, 0), (-1, -1), FONT, style.fontSize, style.leading),
        ("TEXTCOLOR", (0, 0), (-1, -1), _INK),
        *(("ALIGN", (at, 0), (at, -1), "RIGHT") for at, cell in enumerate(lines[0]) if isinstance(cell, int)),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    if named:
        commands.append(("BACKGROUND", (0, 0), (-1, 0), _BAND))
    if len(lines) > _MOST_LINES:
        commands.append(("SPAN", (0, -1), (-1, -1)))
    table.setStyle(TableStyle(commands))
    return table


def _cell(cell: object, width: float, style: ParagraphStyle) -> Flowable | str:
    """Return what fits as it is as plain text: to lay out a paragraph takes ten times as long."""
    if isinstance(cell, int):
        return f"{cell:,}"
    text = str(cell)
    plain = is_plain(text) and pdfmetrics.stringWidth(text, FONT, style.fontSize) <= width
    return text if plain else _text(text, style)


def _text(text: str, style: ParagraphStyle) -> Flowable:
    short = text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + "…"
    return Paragraph(to_markup(short), style)


def _time(time: datetime | None) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if time else ""
