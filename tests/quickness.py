"""What makes the suite quick without making it test less: two costs of the process, not of the product."""

import gc
from typing import Any

import pytest
from fastapi._compat import v2
from pydantic import TypeAdapter


class Quickness:
    """A pytest plugin.

    Thousands of collected tests live as long as the process: walking through them again and again, the garbage
    collector takes a sixth of the run. And each test that builds a service lets pydantic derive the same schemas from
    the same types; what was derived once in this process holds.
    """

    def __init__(self) -> None:
        self._adapters: dict[tuple[Any, str, str], TypeAdapter[Any]] = {}

    def pytest_configure(self) -> None:
        """Collect no garbage while tests are collected; keep what is derived of types."""
        gc.disable()
        if hasattr(v2, "TypeAdapter"):  # where it stands is FastAPI's own matter
            v2.TypeAdapter = self._adapter

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """Leave everything that is there now alone from here on."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()

    def pytest_unconfigure(self) -> None:
        """Let the process end as others do, with nothing left over."""
        gc.unfreeze()

    def _adapter(self, annotated: Any, *, config: Any = None) -> TypeAdapter[Any]:
        # The metadata has no hash, but its text tells everything of it, as long as there is no function in it.
        key = (annotated.__origin__, repr(annotated.__metadata__), repr(config))
        if " at 0x" in key[1]:
            return TypeAdapter(annotated, config=config)
        found = self._adapters.get(key)
        if found is None:
            found = self._adapters[key] = TypeAdapter(annotated, config=config)
        return found
