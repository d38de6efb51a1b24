"""What the database knows of whom to call: staff alone, and no word of anybody."""

import re

from server.calling.tables import calls, cases, contacts, shifts
from server.storage.metadata import metadata

TABLES = (shifts, contacts, calls, cases)


def test_every_table_here_is_of_calling_people() -> None:
    assert [table.name for table in TABLES] == ["shifts", "contacts", "calls", "cases"]
    assert all(metadata.tables[table.name] is table for table in TABLES)


def test_no_column_could_hold_a_word_or_an_address_that_is_not_sealed() -> None:
    forbidden = re.compile("(^|_)(text|words|about|name|pseudonym|mail|address|endpoint|tag)(_|$)")
    columns = [column.name for table in TABLES for column in table.columns]
    assert [name for name in columns if forbidden.search(name)] == []


def test_a_shift_and_a_way_to_reach_somebody_go_with_their_account() -> None:
    for table in (shifts, contacts):
        [key] = table.c.account_id.foreign_keys
        assert (key.target_fullname, key.ondelete) == ("accounts.id", "CASCADE")


def test_nobody_in_a_room_is_in_a_table_of_calls() -> None:
    assert "member" not in {column.name for table in TABLES for column in table.columns}
