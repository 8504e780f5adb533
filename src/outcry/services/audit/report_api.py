"""HTTP endpoints of compliance reports: as JSON, CSV and PDF."""

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response

from outcry.kit.http import Moment, requires
from outcry.kit.principal import Principal
from outcry.services.audit.report import ComplianceReport
from outcry.services.audit.report_csv import to_csv
from outcry.services.audit.reporting import Reports

_CSV, _PDF = "text/csv", "application/pdf"

_Reporter = Annotated[Principal, requires("audit:report:read")]
_Start = Annotated[
    Moment | None, Query(description="From this time on; without a zone it is UTC. Else 90 days before the end.")
]
_End = Annotated[Moment | None, Query(description="Before this time; without a zone it is UTC. Else now.")]


def add_reports(router: APIRouter, reports: Reports) -> None:
    """Add the endpoints. That a report is made becomes an entry of the log itself."""
    # One at a time: the library that draws is not made for several threads.
    drawing = asyncio.Lock()

    @router.get("/report")
    async def get_report(principal: _Reporter, start: _Start = None, end: _End = None) -> ComplianceReport:
        """Return who signed in, who may what, what was given out and what was refused, over a period."""
        return await reports.make(principal, start=start, end=end, form="json")

    @router.get("/report.csv", response_class=Response, responses={200: {"content": {_CSV: {}}}})
    async def get_report_as_csv(principal: _Reporter, start: _Start = None, end: _End = None) -> Response:
        """Return the report as one table, whose first column names the section."""
        report = await reports.make(principal, start=start, end=end, form="csv")
        return _file(report, await asyncio.to_thread(to_csv, report), "csv", f"{_CSV}; charset=utf-8")

    @router.get("/report.pdf", response_class=Response, responses={200: {"content": {_PDF: {}}}})
    async def get_report_as_pdf(principal: _Reporter, start: _Start = None, end: _End = None) -> Response:
        """Return the report on pages to print or to keep."""
        report = await reports.make(principal, start=start, end=end, form="pdf")
        async with drawing:
            return _file(report, await asyncio.to_thread(_draw, report, reports.font), "pdf", _PDF)


def _draw(report: ComplianceReport, font: Path | None) -> bytes:
    # Imported by whoever asks for the first one: the library takes a while, and most processes never draw.
    from outcry.services.audit.report_pdf import to_pdf

    return to_pdf(report, font)


def _file(report: ComplianceReport, content: bytes, ending: str, media_type: str) -> Response:
    name = f"outcry-report-{report.start:%Y%m%d}-{report.end:%Y%m%d}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
