"""A compliance report as one table of CSV (RFC 4180): a line each, and a first column that names its section."""

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from outcry.services.audit.report import ComplianceReport

SECTIONS = ("access", "reads", "role_changes", "roles", "exports", "failures", "failures_by_day")
# What a spreadsheet would take for a formula. A tab or a line's end before it would hide it from a look at the start.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PERIOD = ("organisation_id", "organisation", "start", "end", "made_at")


def to_csv(report: ComplianceReport) -> bytes:
    """Return the report in UTF-8. No cell of it is a formula: one that would be begins with an apostrophe."""
    lines = [{"section": "report", **{name: getattr(report, name) for name in _PERIOD}}, *_lines(report)]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(line.get(name)) for name in columns] for line in lines)
    # With the mark, spreadsheets read names of every script.
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def _lines(report: ComplianceReport) -> Iterator[dict[str, Any]]:
    for section in SECTIONS:
        for row in getattr(report, section):
            yield {"section": section} | {one.name: getattr(row, one.name) for one in fields(row)}
    log = report.log
    yield {"section": "log", "key": log.key, "entries": log.entries, "unread": log.unread}
    for at, checkpoint in (("start", log.at_start), ("end", log.at_end)):
        if checkpoint is not None:
            said = {"size": checkpoint.size, "root": checkpoint.root, "time": checkpoint.time}
            yield {"section": f"checkpoint_at_{at}", **said, "note": checkpoint.note}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return "; ".join(f"{name}: {count}" for name, count in value.items())
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
