"""How staff want to be reached: kept once, sealed, each person's own."""

import pytest
from sqlalchemy import Connection, select, update

from server.calling.contacts import (
    MOST_CONTACTS,
    Contact,
    Contacts,
    ContactUnusable,
    TooManyContacts,
    mail_address,
)
from server.calling.tables import contacts
from server.people.accounts import Account
from server.people.secrets import Secrets
from tests.server.calling.house import Duty
from tests.server.storage.samples import files_of


async def held(duty: Duty, account: Account, by: Contacts | None = None) -> list[Contact]:
    """How somebody is reached."""
    reader = by or duty.contacts
    return await duty.database.read(lambda c: reader.of(c, account.id))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("max@example.org", "max@example.org"),
        ("  max+calls@mail.example.org\n", "max+calls@mail.example.org"),
    ],
)
def test_a_mail_address_is_kept_as_it_was_typed(typed: str, kept: str) -> None:
    assert mail_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "max",
        "max@",
        "@example.org",
        "max@@example.org",
        "Max <max@example.org>",
        "max@example.org, bo@example.org",
        "max@example.org\r\nBcc: bo@example.org",
        "max\x00@example.org",
        "grüße@example.org",
        "x" * 65 + "@example.org",
        "max@" + "x" * 250 + ".org",
    ],
)
def test_what_is_no_single_mail_address_is_refused(typed: str) -> None:
    with pytest.raises(ContactUnusable):
        mail_address(typed)


async def test_no_address_lies_readable_in_the_database(duty: Duty) -> None:
    await duty.hires("max")
    assert b"max@example.org" not in files_of(duty.database)


async def test_an_address_given_twice_is_kept_once(duty: Duty) -> None:
    max_ = await duty.hires("max")
    await duty.reached_by(max_, "mail", "max@example.org")
    assert [contact.address for contact in await held(duty, max_)] == ["max@example.org"]


async def test_two_people_may_share_an_address_and_nothing_shows_it(duty: Duty) -> None:
    max_, kim = await duty.hires("max"), await duty.hires("kim", mail=False)
    await duty.reached_by(kim, "mail", "max@example.org")
    [mine], [theirs] = await held(duty, max_), await held(duty, kim)
    assert mine.address == theirs.address
    assert mine.id != theirs.id


async def test_nobody_has_more_ways_than_anybody_needs(duty: Duty) -> None:
    max_ = await duty.hires("max", mail=False)
    for n in range(MOST_CONTACTS):
        await duty.reached_by(max_, "mail", f"max{n}@example.org")
    with pytest.raises(TooManyContacts):
        await duty.reached_by(max_, "mail", "another@example.org")
    await duty.reached_by(max_, "mail", "max0@example.org")
    assert len(await held(duty, max_)) == MOST_CONTACTS


async def test_somebody_takes_away_their_own_address_and_no_other(duty: Duty) -> None:
    max_, kim = await duty.hires("max"), await duty.hires("kim")
    [mine], [theirs] = await held(duty, max_), await held(duty, kim)
    await duty.database.write(lambda c: duty.contacts.remove(c, max_.id, theirs.id))
    assert len(await held(duty, kim)) == 1
    await duty.database.write(lambda c: duty.contacts.remove(c, max_.id, mine.id))
    assert await held(duty, max_) == []


async def test_what_another_deployments_key_sealed_is_passed_over(duty: Duty) -> None:
    max_ = await duty.hires("max")
    assert await held(duty, max_, Contacts(Secrets(b"j" * 32))) == []


async def test_an_address_that_was_moved_to_somebody_else_does_not_open(duty: Duty) -> None:
    max_, kim = await duty.hires("max"), await duty.hires("kim", mail=False)

    def move(connection: Connection) -> None:
        connection.execute(update(contacts).values(account_id=kim.id))

    await duty.database.write(move)
    rows = await duty.database.read(lambda c: c.execute(select(contacts)).all())
    assert [row.account_id for row in rows] == [kim.id]
    assert await held(duty, kim) == []
    assert await held(duty, max_) == []
