"""The second lock: an error that is caught before it reaches the door shows no values either."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from server.storage.tables import heads
from tests.server.storage.samples import ROOM, fresh_database

NEEDLE = "only-ada-knows"


@pytest.mark.parametrize("rows", [1, 2])
async def test_an_error_inside_a_transaction_shows_no_values(tmp_path: Path, rows: int) -> None:
    database = fresh_database(tmp_path)
    values = [{"room": ROOM, "n": 0, "epoch": NEEDLE} for _ in range(rows)]

    def twice(connection: Connection) -> str:
        connection.execute(insert(heads), [{"room": ROOM, "n": 0, "epoch": "first"}])
        with pytest.raises(IntegrityError) as caught:
            connection.execute(insert(heads), values)
        return str(caught.value) + repr(caught.value)

    try:
        told = await database.write(twice)
    finally:
        database.close_now()
    assert "UNIQUE constraint failed" in told
    assert NEEDLE not in told
