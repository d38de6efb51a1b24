"""What every test of the web may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.calling import push
from tests.web.house import House, built
from tests.web.sockets import Site, served


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A deployment with one room, whose meeting is not open yet."""
    async with built(tmp_path) as house:
        yield house


@pytest.fixture
async def site(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The deployment behind a real web server, with its meeting open."""
    monkeypatch.setattr("web.transport.GOODBYE_SECONDS", 0.01)
    await house.open_meeting()
    async with served(house) as site:
        yield site


@pytest.fixture(autouse=True)
def push_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """A push service that is nobody's."""
    monkeypatch.setattr(push, "SERVICES", (*push.SERVICES, "push.example.net"))
