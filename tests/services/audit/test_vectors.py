"""What the browser's verification is tested by is what the server makes."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[3]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_vectors", ROOT / "scripts" / "audit_vectors.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_has_what_the_server_makes() -> None:
    script = _script()
    found = script.FILE.read_text(encoding="utf-8")
    assert found == script.written(), "run scripts/audit_vectors.py and look at what changed"
