"""The catalogue gives every constraint a name, so that a migration can change it."""

import server.people.tables
import server.storage.tables  # noqa: F401
from server.storage.metadata import metadata


def test_every_constraint_and_index_has_a_name() -> None:
    for table in metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
        assert all(index.name for index in table.indexes), table.name
