"""What every test of calling people may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.calling.house import Duty, built


@pytest.fixture
async def duty(tmp_path: Path) -> AsyncIterator[Duty]:
    """A deployment that calls people by mail."""
    async with built(tmp_path) as duty:
        yield duty
