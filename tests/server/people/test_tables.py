"""What the database knows of people: staff, and of them little."""

import re

from sqlalchemy import select

from server.people import tables
from server.people.tables import accounts
from server.storage.metadata import metadata
from tests.server.people.conftest import Office

PEOPLE = (tables.accounts, tables.roles, tables.sessions, tables.invitations)


def test_every_table_here_is_of_staff() -> None:
    assert [table.name for table in PEOPLE] == ["accounts", "roles", "sessions", "invitations"]
    assert all(metadata.tables[table.name] is table for table in PEOPLE)


def test_no_column_could_hold_who_somebody_is_or_where_they_were() -> None:
    forbidden = re.compile("(^|_)(ip|ua|agent|address|email|mail|phone|name|location|device)(_|$)")
    columns = [column.name for table in PEOPLE for column in table.columns]
    assert [name for name in columns if forbidden.search(name)] == []


async def test_a_secret_is_never_in_the_table_as_it_was_typed(office: Office) -> None:
    fay = await office.hire("fay")
    row = await office.database.read(lambda c: c.execute(select(accounts)).one())
    assert "herons" not in row.password_hash
    assert fay.secret.encode() not in row.totp_sealed
    assert fay.first.token not in str(tuple(row))
