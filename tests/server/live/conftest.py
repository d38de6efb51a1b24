"""What every test of the live engine may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.live import hosts
from tests.server.live.house import House, built


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A node with one room, whose meeting is not open yet. Dropped rooms are loaded at once."""
    monkeypatch.setattr(hosts, "RELOAD_SECONDS", 0.0)
    async with built(tmp_path) as house:
        yield house
