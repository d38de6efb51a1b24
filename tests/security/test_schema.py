"""No column has a name under which something about a person could be kept."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from tests.server.storage.samples import fresh_database

FORBIDDEN: Final = frozenset(
    "ip ipv4 ipv6 addr address host hostname remote peer proxy forwarded ua agent browser device "
    "fingerprint cookie email mail phone tel mobile sms location geo lat lon latitude longitude "
    "city country region zone timezone birthday birth age gender sex name surname firstname "
    "lastname realname diagnosis drug drugs substance words person personkey".split()
)
ALLOWED: Final = {"rooms.name": "the name of a room, shown on its public page"}
"""Columns that are called like something forbidden, each with the reason."""
TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


def suspects(columns: list[str]) -> list[str]:
    """The columns one word of whose name is forbidden."""
    return [
        column
        for column in columns
        if FORBIDDEN & set(re.split(r"[._]", column.partition(".")[2].lower()))
    ]


@pytest.fixture
def columns(tmp_path: Path) -> list[str]:
    """Every column of a freshly migrated database, as `table.column`."""
    database = fresh_database(tmp_path)
    database.close_now()
    with closing(sqlite3.connect(database.path)) as connection:
        tables = connection.execute(TABLES)
        return [
            f"{table}.{name}"
            for (table,) in tables.fetchall()
            for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")
        ]


def test_no_column_is_made_for_something_about_a_person(columns: list[str]) -> None:
    assert len(columns) > 60
    assert suspects(columns) == list(ALLOWED)


def test_no_table_is_made_for_guests(columns: list[str]) -> None:
    tables = {column.partition(".")[0] for column in columns}
    assert not {t for t in tables if re.search("person|people|guest|member|word|visit", t)}


@pytest.mark.parametrize(
    "column", ["sessions.ip", "accounts.e_mail", "log.user_agent", "roles.phone_number"]
)
def test_this_test_would_see_it(column: str) -> None:
    assert suspects(["log.n", column]) == [column]
