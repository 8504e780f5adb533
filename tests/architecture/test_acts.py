"""Every event of every service is an act in the audit log, or stands in the list of those that are none and why."""

import importlib
from pathlib import Path

import pytest

import outcry.services
from outcry.kit.events import Event
from outcry.services.audit.acts import ACTS, NOT_AUDITED


def events() -> list[type[Event]]:
    """Return every class of event that a service has in its ``events.py``."""
    folder = Path(next(iter(outcry.services.__path__)))
    found = [
        kind
        for path in sorted(folder.glob("*/events.py"))
        for kind in vars(importlib.import_module(f"outcry.services.{path.parent.name}.events")).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    ]
    assert len(found) > 20
    return found


@pytest.mark.parametrize("kind", events(), ids=lambda kind: str(kind.name))
def test_an_event_is_an_act_or_says_why_not(kind: type[Event]) -> None:
    assert (kind in ACTS) != (kind in NOT_AUDITED)
    assert NOT_AUDITED.get(kind, "a reason")


def test_the_tables_name_nothing_else() -> None:
    assert {*ACTS, *NOT_AUDITED} == {*events()}
