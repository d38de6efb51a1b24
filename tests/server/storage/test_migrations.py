"""The migrations lead to the tables that the code declares, and to nothing else."""

import re
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

import server.calling.tables
import server.people.tables
import server.storage.tables  # noqa: F401
from server.storage.database import Database
from server.storage.metadata import metadata
from server.storage.migrations import migrate


def schema(connection: Connection) -> dict[str, set[str]]:
    """Each table's and index's own words, as SQLite keeps them, one line a piece."""
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {
        name: {re.sub(r"\s+", " ", line).strip(" ,\t") for line in sql.splitlines()}
        for name, sql in found
        if not name.startswith(("alembic", "sqlite"))
    }


async def test_an_empty_file_migrates_to_exactly_what_is_declared(database: Database) -> None:
    differences = await database.read(
        lambda c: compare_metadata(MigrationContext.configure(c), metadata)
    )
    assert differences == []


async def test_the_tables_are_the_same_to_the_letter(database: Database, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    with engine.begin() as connection:
        metadata.create_all(connection)
        declared = schema(connection)
    engine.dispose()
    assert await database.read(schema) == declared


async def test_migrating_again_changes_nothing(database: Database) -> None:
    before = await database.read(schema)
    migrate(database)
    assert await database.read(schema) == before
