"""Every act that the audit log names is a sentence in its explorer; one without would show its bare name."""

import re

from tests.running import ROOT

ACTS = [ROOT / "src" / "outcry" / "services" / "audit" / name for name in ("acts.py", "room_acts.py")]
SENTENCES = ROOT / "web" / "src" / "lib" / "audit" / "sentence.ts"


def test_every_act_that_is_named_has_its_sentence() -> None:
    named = {kind for file in ACTS for kind in re.findall(r'kind="([a-z_.]+)"', file.read_text())}
    told = set(re.findall(r"^  '([a-z_.]+)':", SENTENCES.read_text(), re.MULTILINE))
    assert len(named) > 10
    assert named - told == set()
