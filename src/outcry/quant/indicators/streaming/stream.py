"""What a stream is: an indicator that takes one bar at a time, and can be saved and restored."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

Plain: TypeAlias = "float | str | Sequence[Plain]"
State: TypeAlias = Sequence[Plain]
"""What a stream remembers, as JSON can hold it: finite numbers, texts and lists of them."""

Outputs: TypeAlias = tuple[float, ...]


class Stream(Protocol):
    """One indicator over one instrument, fed bar by bar.

    Its outputs are those of the batch over the same bars: bit for bit where the order of summation is known, else to
    1e-9 relative. It holds O(1) or O(window) numbers, never the history.
    """

    @property
    def push(self) -> Callable[..., Outputs]:
        """Take the next bar: ``push(*inputs)``.

        Inputs come in the order of ``Indicator.inputs``, one float each; the outputs in the order of
        ``Indicator.outputs``, NaN inside the warm-up.
        """

    def state(self) -> State:
        """Return all that it remembers. ``json.dumps(..., allow_nan=False)`` takes it."""

    def restore(self, state: State) -> None:
        """Go on where the stream that gave ``state`` stood; raises ValueError, changing nothing, if it is no state."""


Settings: TypeAlias = Mapping[str, float]
Open: TypeAlias = Callable[[Settings], Stream]
