"""The doctor's exit code is that of the worst thing found."""

import pytest

from tests.server.commands.conftest import Terminal


def test_all_is_well(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.found_room()
    monkeypatch.setenv("COUNTRIES", "NL")
    said = terminal.type("doctor")
    assert said.code in (0, 1), said.out  # 1 once a number wants dialling, which time brings
    assert "broken" not in said.out
    assert "ok     rooms: All 1 can be opened." in said.out


def test_what_is_broken_is_told_to_whatever_started_the_doctor(terminal: Terminal) -> None:
    terminal.found_room()
    (terminal.folder / "keys").chmod(0o755)
    said = terminal.type("doctor")
    assert said.code == 2
    assert "broken folders: Other users can look into" in said.out
    assert "chmod 700" in said.out


def test_hotlines_are_checked_by_the_same_word_as_before(terminal: Terminal) -> None:
    said = terminal.type("hotlines", "check", "NL")
    assert "1 countries" in said.out
