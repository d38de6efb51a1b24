"""What every test of calling people may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.calling import push
from tests.server.calling.house import Duty, built


@pytest.fixture
async def duty(tmp_path: Path) -> AsyncIterator[Duty]:
    """A deployment that calls people by mail."""
    async with built(tmp_path) as duty:
        yield duty


@pytest.fixture(autouse=True)
def push_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """The push services of these tests stand on this machine, and one of them in the standard."""
    known = (*push.SERVICES, "127.0.0.1", "localhost", "push.example.net")
    monkeypatch.setattr(push, "SERVICES", known)
