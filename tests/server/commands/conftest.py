"""A terminal in front of a deployment's two folders."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.__main__ import main
from server.settings import TABLE


@dataclass
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Terminal:
    """Types commands. `settings` is the file that every command is given, if there is one."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.settings: Path | None = None
        self._capture = capture

    def type(self, *words: str) -> Said:
        """`candlelight` and these words."""
        before = ["--settings", str(self.settings)] if self.settings else []
        self._capture.readouterr()
        code = main([*before, *words])
        printed = self._capture.readouterr()
        return Said(code, printed.out, printed.err)

    def found_room(self) -> str:
        """Found a room; answers its six letters."""
        said = self.type("room", "Tuesday Lantern", "--about", "About.", "--runs", "It runs.")
        assert said.code == 0, said.err
        return said.out.strip()[-6:]


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    for row in TABLE:
        monkeypatch.delenv(row.name, raising=False)
        monkeypatch.delenv(f"{row.name}_FILE", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("KEYS_DIR", str(tmp_path / "keys"))
    before = signal.getsignal(signal.SIGTERM)
    yield Terminal(tmp_path, capsys)
    signal.signal(signal.SIGTERM, before)
