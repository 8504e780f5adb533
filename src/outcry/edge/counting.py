"""How often the edge refused what, since the start, and what others count."""

from collections import Counter
from collections.abc import Callable, Mapping

from fastapi import APIRouter

from outcry.kit.http import requires


class Counts:
    """Plain counters by the code of what happened. Codes come from the code, never from a request."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._others: dict[str, Callable[[], Mapping[str, int]]] = {}

    def add(self, code: str) -> None:
        """Count one."""
        self._counts[code] += 1

    def include(self, name: str, read: Callable[[], Mapping[str, int]]) -> None:
        """Tell counters that somebody else keeps, too, as ``<name>.<counter>``."""
        self._others[name] = read

    def all(self) -> dict[str, int]:
        """Return every counter that is not nought, by name."""
        others = {f"{name}.{key}": count for name, read in self._others.items() for key, count in read().items()}
        return dict(sorted((self._counts | Counter(others)).items()))


def counts_router(counts: Counts) -> APIRouter:
    """Return the endpoint that tells the operator."""
    router = APIRouter(prefix="/api/v1/edge", tags=["edge"])

    @router.get("/counts", dependencies=[requires("platform:operate")])
    async def get_edge_counts() -> dict[str, int]:
        """Say how often the edge refused what, by code, since the start; and how calls to the outside went."""
        return counts.all()

    return router
