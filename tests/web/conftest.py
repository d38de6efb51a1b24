"""What every test of the web may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.house import House, built


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A deployment with one room, whose meeting is not open yet."""
    async with built(tmp_path) as house:
        yield house
