"""Files with one JSON object a line, into columns of text: numbers stay as they are written."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from outcry.services.charts.importing.report import MOST_BAD_ROWS, BadRow, ImportLimits, UnusableFileError

_LONGEST_LINE = 100_000


class JsonLines:
    """Reads the lines; those that are no object are faults, empty ones are passed over."""

    def __init__(self, path: Path, limits: ImportLimits) -> None:
        self._path, self._limits = path, limits
        self.columns: dict[str, list[str | None]] = {}
        self.faults: list[BadRow] = []
        # How many rows come before each line that is none, for the lines of later rows.
        self.gaps: list[int] = []
        self.rows = 0

    def read(self) -> dict[str, pa.ChunkedArray]:
        """Return the columns in the order in which their names come first; raises UnusableFileError."""
        with self._path.open("rb") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE + 1):
                number += 1
                if len(line) > _LONGEST_LINE:
                    raise UnusableFileError(f"Line {number} is longer than {_LONGEST_LINE:,} bytes.")
                if number > self._limits.rows:
                    raise UnusableFileError(f"It has more than {self._limits.rows:,} lines.")
                self._take(number, line)
        return {name: pa.chunked_array([pa.array(values, pa.string())]) for name, values in self.columns.items()}

    def _take(self, number: int, line: bytes) -> None:
        if not line.strip():
            self.gaps.append(self.rows)
            return
        try:
            value = json.loads(
                line.decode("utf-8-sig" if number == 1 else "utf-8"), parse_float=str, parse_int=str, parse_constant=str
            )
        except (ValueError, RecursionError) as error:
            is_text = not isinstance(error, UnicodeDecodeError)
            self._fault(number, "is not JSON" if is_text else "is not UTF-8")
            return
        if not isinstance(value, dict):
            self._fault(number, "is not a JSON object")
            return
        self._add(value)

    def _add(self, value: dict[str, Any]) -> None:
        for name in value.keys() - self.columns.keys():
            if len(self.columns) >= self._limits.columns:
                raise UnusableFileError(f"Its objects have more than {self._limits.columns} different members.")
            self.columns[name] = [None] * self.rows
        for name, values in self.columns.items():
            values.append(_text(value.get(name)))
        self.rows += 1

    def _fault(self, number: int, reason: str) -> None:
        self.faults.append(BadRow(line=number, reason=reason))
        self.gaps.append(self.rows)
        if len(self.faults) > MOST_BAD_ROWS:
            raise UnusableFileError(f"More than {MOST_BAD_ROWS:,} of its lines are no JSON objects.")


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    # What is nested is no date and no number; it is named as such where it stands.
    return json.dumps(value)[:100]
