"""What the operator can read of counters."""

from outcry.edge.counting import Counts


def test_counters_that_others_keep_are_told_too() -> None:
    counts = Counts()
    kept = {"mail_server.calls": 1}
    counts.include("outside", lambda: kept)
    counts.add("too_large")
    kept["mail_server.calls"] = 2
    assert counts.all() == {"outside.mail_server.calls": 2, "too_large": 1}
