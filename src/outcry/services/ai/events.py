"""What the AI service tells the others."""

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from outcry.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServerChanged(Event):
    """An organisation's model server was set, changed or (with an empty address) removed. Never carries the key.

    ``before`` has the ``base_url`` and the ``model`` that were set until then; it is empty where there was none.
    """

    name: ClassVar[str] = "ai.model_server_changed.v1"

    base_url: str
    model: str
    key_changed: bool
    before: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyChanged(Event):
    """A regular task of the AI in a room: ``act`` is ``given``, ``proposed``, ``active``, ``changed``, ``paused`` or
    ``stopped``. ``when`` says when it is due, such as "every weekday at 17:00, Europe/Berlin".
    """

    name: ClassVar[str] = "ai.duty_changed.v1"

    duty_id: UUID
    room_id: UUID
    act: str
    when: str
