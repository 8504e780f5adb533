"""Which tests of duties the check runs on both engines: those that lean on what the databases do each in their way."""

import pytest

_ON_BOTH = frozenset({"test_what_a_crash_left_claimed_is_done_again_and_posted_once"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the others on PostgreSQL to `make faults`, so that the check stays short."""
    for item in items:
        if "duties" in item.path.parts and "[postgresql" in item.name and item.name.split("[")[0] not in _ON_BOTH:
            item.add_marker(pytest.mark.long)
