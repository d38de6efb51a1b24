"""What the tables have no room for cannot leak from them."""

import re

from sqlalchemy import BigInteger, Integer, LargeBinary, Text

from server.storage.metadata import metadata
from server.storage.tables import log, meetings

ABOUT_A_PERSON = re.compile(
    r"(^|_)(ip|ips|addr|address|host|ua|agent|user_?agent|e?mail|phone|tel|birth|geo|fingerprint)"
    r"(_|$)"
)


def columns_about_a_person(names: list[str]) -> list[str]:
    return [name for name in names if ABOUT_A_PERSON.search(name)]


def test_no_column_of_any_table_is_made_for_an_address_or_a_contact() -> None:
    names = [column.name for table in metadata.tables.values() for column in table.columns]
    assert columns_about_a_person(names) == []


def test_the_search_finds_such_columns() -> None:
    bad = ["ip", "client_ip", "user_agent", "email", "mail_address", "phone", "ua"]
    assert columns_about_a_person(bad) == bad
    assert columns_about_a_person(["zip_of_script", "manual", "guardian"]) == []


def test_the_log_holds_no_word_in_clear() -> None:
    readable = [c.name for c in log.columns if isinstance(c.type, Text)]
    assert readable == []
    sealed = {c.name for c in log.columns if isinstance(c.type, LargeBinary)}
    assert sealed == {"nonce", "body", "actor", "mark"}


def test_the_log_has_one_tree_and_no_index() -> None:
    assert [column.name for column in log.primary_key] == ["room", "n"]
    assert not log.indexes


def test_what_stays_of_a_meeting_is_numbers() -> None:
    kinds = {c.name: type(c.type) for c in meetings.columns if c.name != "room"}
    assert set(kinds.values()) <= {Integer, BigInteger}
