"""A real database and a real keys folder for every test of storage."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.storage.database import Database
from server.storage.keys import KeyRing
from tests.server.storage.samples import fresh_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = fresh_database(tmp_path)
    yield opened
    opened.close_now()


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")
