"""What comes out of a failing database names its failure and nobody's words."""

import sqlite3
import traceback

import pytest

from server.storage.errors import CannotStore, StorageError, StorageUnavailable, guarded


def failing(error: Exception) -> StorageError:
    def job() -> None:
        raise error

    with pytest.raises(StorageError) as caught:
        guarded(job)
    assert "only-ada-knows-this" not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (sqlite3.OperationalError("only-ada-knows-this"), StorageUnavailable),
        (sqlite3.DatabaseError("only-ada-knows-this"), StorageUnavailable),
        (sqlite3.IntegrityError("only-ada-knows-this"), CannotStore),
        (OSError(28, "only-ada-knows-this"), StorageUnavailable),
        (OSError("only-ada-knows-this"), StorageUnavailable),
        (OverflowError("only-ada-knows-this"), CannotStore),
        (UnicodeError("only-ada-knows-this"), CannotStore),
    ],
)
def test_every_failure_becomes_one_of_two_and_forgets_the_words(
    error: Exception, verdict: type[StorageError]
) -> None:
    assert type(failing(error)) is verdict


def test_a_bug_of_ours_stays_what_it_is() -> None:
    nothing: dict[str, int] = {}
    with pytest.raises(KeyError):
        guarded(lambda: nothing["x"])


def test_what_works_is_left_alone() -> None:
    assert guarded(lambda: 7) == 7
