"""Files of bars for the tests of importing."""

from pathlib import Path

import pytest

from outcry.services.charts.importing.parsing import ParsedFile, parse_file
from outcry.services.charts.importing.report import ImportOptions

SHARED = Path(__file__).parents[4] / "shared" / "data" / "market"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the full data set (../shared/data/market) is not here")

HEADER = "Date,Open,High,Low,Close,Volume\n"
ROW = ",10,12,9,11,100\n"


def parse(path: Path, **options: object) -> ParsedFile:
    """Parse a file."""
    chosen = ImportOptions(**options)  # type: ignore[arg-type]  # the fields of ImportOptions
    return parse_file(path, chosen, lambda _: None, lambda _stage, _part: None)


def write(folder: Path, text: str | bytes, name: str = "AAPL.csv") -> Path:
    """Write a file and return where it is."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def times_of(parsed: ParsedFile) -> list[str]:
    """Return the bar times of a file of one series, to the minute."""
    (batch,) = parsed.batches
    return [str(moment) for moment in batch.bars.time.astype("datetime64[us]").astype("datetime64[m]")]
