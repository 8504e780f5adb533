"""What the AI service tells the others."""

from dataclasses import dataclass
from typing import ClassVar

from outcry.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServerChanged(Event):
    """An organisation's model server was set, changed or (with an empty address) removed. Never carries the key."""

    name: ClassVar[str] = "ai.model_server_changed.v1"

    base_url: str
    model: str
    key_changed: bool
