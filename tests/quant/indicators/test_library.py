"""TA-Lib is imported late, and alone."""

import subprocess
import sys

PROGRAM = """
import sys
import outcry.quant.indicators.catalogue
from outcry.quant.indicators.library import load_talib
assert "talib" not in sys.modules, "importing the catalogue imports TA-Lib"
talib = load_talib()
assert talib.SMA.__name__ == "SMA"
assert load_talib() is talib
assert "pandas" not in sys.modules, "TA-Lib has brought pandas"
assert not any(type(finder).__name__ == "_Absent" for finder in sys.meta_path)
import pandas
"""


def test_talib_brings_nothing_that_takes_a_second_to_import() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
