"""Azure's answers are kept beside those of routers, without keys, and judged again without Azure."""

from __future__ import annotations

import json
from pathlib import Path

from tests.recording.conftest import Runner


def test_a_recording_has_azures_side_too(run: Runner, tmp_path: Path) -> None:
    made = run("-m", "azure", "--record", tmp_path / "kept")
    again = run("-m", "azure", "--replay", tmp_path / "kept")
    assert again.outcomes() == made.outcomes()
    assert "no request" in again.text
    files = sorted((tmp_path / "kept" / "azure").rglob("*.json"))
    assert len(files) > 30
    (circuit,) = (file for file in files if file.parent.name == "expressroute-1" and "circuit" in file.name)
    assert json.loads(circuit.read_text())["properties"]["serviceKey"] != ""
    assert not any("Bearer" in file.read_text() for file in files)
    # Another answer than was recorded costs the checks that need it, and no other.
    circuit.write_text(circuit.read_text().replace("Provisioned", "Deprovisioned"))
    spoilt = run("-m", "azure", "--replay", tmp_path / "kept").outcomes()
    errors = {name for name, word in spoilt.items() if word[0] == "error"}
    assert errors
    assert all("expressroute-1" in name for name in errors)
    assert {name: word for name, word in spoilt.items() if name not in errors} == {
        name: word for name, word in made.outcomes().items() if name not in errors
    }
