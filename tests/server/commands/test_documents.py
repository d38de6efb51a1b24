"""The documentation is written by a command, and a stale page is told."""

import shutil
from pathlib import Path

import pytest

from tests.server.commands.conftest import Terminal


def test_what_was_written_is_current_and_what_was_changed_is_not(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert terminal.type("docs").code == 0
    assert terminal.type("docs", "--check").code == 0
    (tmp_path / "docs" / "asyncapi.json").write_text("{}")
    shutil.rmtree(tmp_path / "docs" / "schema")
    said = terminal.type("docs", "--check")
    assert said.code == 1
    assert said.err.startswith("Stale: schema/client.json, schema/server.json, asyncapi.json.")
