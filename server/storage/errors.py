"""What may come out of the database when it fails: SQLite's name for it, and nobody's words."""

import sqlite3
from collections.abc import Callable
from errno import errorcode
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

T = TypeVar("T")


class StorageError(Exception):
    """Something could not be stored or read. `code` is SQLite's name for it, never its text."""

    sentence = "The database failed"

    def __init__(self, code: str) -> None:
        super().__init__(f"{self.sentence} ({code}).")
        self.code = code


class StorageUnavailable(StorageError):
    """The database cannot be used at the moment; the same call may succeed later."""

    sentence = "The database cannot be used at the moment"


class CannotStore(StorageError):
    """The database refuses these values; the same call will be refused again."""

    sentence = "The database refuses these values"


def guarded(job: Callable[[], T]) -> T:
    """Let no driver's exception out.

    A driver's exception carries what somebody wrote: SQLAlchemy adds the statement and, unless
    told otherwise, its parameters; sqlite3 and Python's own encoders quote the offending value.
    One `logger.exception` far away would then print a member's words. So at this door every such
    exception is replaced by one that names SQLite's result code and nothing else. It is raised
    after the `except` blocks have ended, `from None`, so that neither `__cause__` nor
    `__context__` leads back to the original: a traceback prints those as faithfully as the error.
    """
    try:
        return job()
    except DBAPIError as error:
        verdict: StorageError = _judge(error.orig)
    except (SQLAlchemyError, sqlite3.Error) as error:
        verdict = _judge(error)
    except (OverflowError, UnicodeError) as error:  # from binding a value, before SQLite sees it
        verdict = CannotStore(type(error).__name__)
    except OSError as error:  # a key file beside the database: its disk may be full, or away
        verdict = StorageUnavailable(errorcode.get(error.errno or 0, type(error).__name__))
    raise verdict from None


def _judge(error: BaseException | None) -> StorageError:
    code = getattr(error, "sqlite_errorname", None) or type(error).__name__
    if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | sqlite3.InterfaceError):
        return CannotStore(code)
    if isinstance(error, sqlite3.ProgrammingError) and "closed" not in str(error):
        return CannotStore(code)
    # Locked, full, read-only, broken, closed, or without its tables: nobody's values are at fault.
    return StorageUnavailable(code)
