"""The schema's history, and the one way a database gets its tables.

Migrations run inside one transaction of the writer thread: a file has all of a release's tables or
those of the release before, never something between.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.storage.database import Database
from server.storage.errors import StorageError

FOLDER = Path(__file__).parent


class NewerSchema(StorageError):
    """A newer release made these tables; this one would not know what to do with them."""

    sentence = "The database was made by a newer release of Candlelight"


def migrate(database: Database, folder: Path = FOLDER) -> None:
    """Bring the database to this release's tables. Blocking.

    Raises `NewerSchema` or `StorageUnavailable`.
    """
    database.write_now(lambda connection: upgrade(connection, folder))


def upgrade(connection: Connection, folder: Path = FOLDER) -> None:
    """Bring the connected database to this release's tables, in the transaction it is in."""
    check_known(revision(connection), folder)
    config = _config(folder)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """The release whose tables the database has; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest(folder: Path = FOLDER) -> str:
    """The revision of this release."""
    return ScriptDirectory.from_config(_config(folder)).get_current_head() or ""


def check_known(found: str | None, folder: Path = FOLDER) -> None:
    """Raise `NewerSchema` for a revision that this release has never heard of."""
    scripts = ScriptDirectory.from_config(_config(folder)).walk_revisions()
    if found is not None and found not in {script.revision for script in scripts}:
        raise NewerSchema(found)


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return config
