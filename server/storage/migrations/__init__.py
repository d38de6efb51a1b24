"""The schema's history, and the one way a database gets its tables.

Migrations run inside one transaction of the writer thread: a file has all of a release's tables or
those of the release before, never something between.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from server.storage.database import Database

FOLDER = Path(__file__).parent


def migrate(database: Database) -> None:
    """Bring the database to this release's tables. Blocking. Raises `StorageUnavailable`."""
    database.write_now(upgrade)


def upgrade(connection: Connection) -> None:
    """Bring the connected database to this release's tables, in the transaction it is in."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
