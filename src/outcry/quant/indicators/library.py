"""TA-Lib, imported when the first indicator is computed."""

import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.machinery import ModuleSpec
from types import ModuleType

# TA-Lib wraps its functions for these where it finds them. We give it arrays, and importing them takes over a second.
_NEEDLESS = frozenset({"pandas", "polars"})


class _Absent:
    """Tells one thread that some modules are not installed."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Refuse what is needless to the thread that made this, and find nothing else."""
        if name in _NEEDLESS and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


@contextmanager
def _without_needless() -> Iterator[None]:
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        yield
    finally:
        sys.meta_path.remove(absent)


@cache
def load_talib() -> ModuleType:
    """Return TA-Lib."""
    with _without_needless():
        return importlib.import_module("talib")
