"""The guide lists the catalogue as it is."""

import subprocess
import sys
from pathlib import Path

from outcry.quant.indicators.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[3]


def test_the_tables_of_the_guide_are_those_of_the_catalogue() -> None:
    found = subprocess.run(
        [sys.executable, "scripts/check_indicator_guide.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


def test_the_guide_counts_right() -> None:
    text = (ROOT / "docs" / "guides" / "indicators.md").read_text()
    assert f"computes {len(CATALOGUE)} indicators" in text
