"""Accounts: names, roles by room, and being disabled."""

import pytest
from sqlalchemy import Connection

from server.people.accounts import Accounts, LoginUnusable, clean_login
from server.people.sessions import hash_of
from server.people.sign_in import SignInRefused
from server.people.tables import EVERY_ROOM
from server.people.tags import AccountId
from server.storage.errors import CannotStore
from tests.server.people.conftest import PASSWORD, ROOM, Office


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Fay", "fay"), ("  fay ", "fay"), ("FÁY", "fáy"), ("фея", "фея"), ("fay.h-2", "fay.h-2")],
)
def test_a_sign_in_name_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert clean_login(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "f",
        "x" * 41,
        "e\u0301" * 21,
        "fay h",
        "fay@example.org",
        "f\u200bay",
        "f\0ay",
        "\ud800ay",
        "☃☃☃",
    ],
)
def test_what_cannot_be_a_sign_in_name_is_refused(typed: str) -> None:
    with pytest.raises(LoginUnusable):
        clean_login(typed)


async def test_an_account_is_found_by_name_in_any_case_and_by_number(office: Office) -> None:
    fay = await office.hire("Fay")
    account = await office.accounts.by_login("FAY")
    assert account is not None
    assert account == await office.accounts.by_id(fay.first.account_id)
    assert (account.login, account.disabled) == ("fay", False)
    assert await office.accounts.by_login("mo") is None
    assert await office.accounts.by_login("not a name") is None
    assert await office.accounts.by_id(1) is None


async def test_a_role_holds_in_its_room_and_nowhere_else(office: Office) -> None:
    fay = await office.hire("fay")
    assert await office.accounts.roles_in(fay.first.account_id, ROOM) == {"facilitator"}
    assert await office.accounts.roles_in(fay.first.account_id, "other2") == frozenset()
    assert await office.accounts.roles_in(fay.first.account_id, EVERY_ROOM) == frozenset()
    assert await office.accounts.roles_in(fay.first.account_id + 1, ROOM) == frozenset()
    assert await office.accounts.rooms_of(fay.first.account_id) == {ROOM: {"facilitator"}}


async def test_roles_are_given_and_taken(office: Office) -> None:
    fay = await office.hire("fay")
    await office.accounts.give_role(fay.first.account_id, ROOM, "greeter")
    await office.accounts.give_role(fay.first.account_id, EVERY_ROOM, "moderator")
    assert await office.accounts.rooms_of(fay.first.account_id) == {
        ROOM: {"facilitator", "greeter"},
        EVERY_ROOM: {"moderator"},
    }
    await office.accounts.take_role(fay.first.account_id, ROOM, "facilitator")
    assert await office.accounts.roles_in(fay.first.account_id, ROOM) == {"greeter"}


@pytest.mark.parametrize("change", ["give", "take"])
async def test_a_changed_role_is_a_new_sign_in(office: Office, change: str) -> None:
    fay = await office.hire("fay")
    if change == "give":
        await office.accounts.give_role(fay.first.account_id, ROOM, "greeter")
    else:
        await office.accounts.take_role(fay.first.account_id, ROOM, "facilitator")
    assert await office.sessions.find(fay.first.token) is None
    assert [ended.hashes for ended in office.ended] == [{hash_of(fay.first.token)}]


async def test_a_role_that_does_not_change_ends_nothing(office: Office) -> None:
    fay = await office.hire("fay")
    await office.accounts.give_role(fay.first.account_id, ROOM, "facilitator")
    await office.accounts.take_role(fay.first.account_id, ROOM, "reader")
    assert await office.sessions.find(fay.first.token)
    assert office.ended == []


@pytest.mark.parametrize(
    ("room", "role"),
    [(ROOM, "moderator"), (ROOM, "operator"), (ROOM, "member"), (EVERY_ROOM, "facilitator")],
)
async def test_a_role_that_does_not_exist_there_is_refused(
    office: Office, room: str, role: str
) -> None:
    fay = await office.hire("fay")
    with pytest.raises(ValueError, match="Choose one of"):
        await office.accounts.give_role(fay.first.account_id, room, role)


async def test_nobody_gets_a_role(office: Office) -> None:
    with pytest.raises(CannotStore):
        await office.accounts.give_role(12345, ROOM, "greeter")


async def test_a_disabled_account_is_out_at_once_and_stays_out(office: Office) -> None:
    fay, mo = await office.hire("fay"), await office.hire("mo")
    await office.accounts.disable(fay.first.account_id)
    assert await office.sessions.find(fay.first.token) is None
    assert [ended.account_id for ended in office.ended] == [fay.first.account_id]
    assert await office.accounts.roles_in(fay.first.account_id, ROOM) == frozenset()
    account = await office.accounts.by_login("fay")
    assert account is not None
    assert account.disabled
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD, fay.code(office.clock.now))
    await office.enter(mo)


async def test_a_room_hears_of_a_role_that_somebody_lost_in_it(office: Office) -> None:
    fay = await office.hire("fay")
    await office.accounts.take_role(fay.first.account_id, ROOM, "reader")
    assert office.lost == []
    await office.accounts.take_role(fay.first.account_id, ROOM, "facilitator")
    assert office.lost == [(fay.first.account_id, ROOM)]


async def test_every_room_hears_once_that_an_account_is_disabled(office: Office) -> None:
    fay = await office.hire("fay")
    for room, role in ((ROOM, "greeter"), ("aaaaaa", "reader"), (EVERY_ROOM, "moderator")):
        await office.accounts.give_role(fay.first.account_id, room, role)
    await office.accounts.disable(fay.first.account_id)
    await office.accounts.disable(fay.first.account_id)
    assert sorted(office.lost) == [(fay.first.account_id, "aaaaaa"), (fay.first.account_id, ROOM)]


async def test_what_no_room_can_be_told_is_not_done(office: Office) -> None:
    """The room's notice and the taken role are one transaction."""
    fay = await office.hire("fay")

    def fail(_connection: Connection, _account: AccountId, _room: str) -> None:
        raise RuntimeError

    accounts = Accounts(office.database, office.sessions, office.clock, fail)
    for change in (
        accounts.take_role(fay.first.account_id, ROOM, "facilitator"),
        accounts.disable(fay.first.account_id),
    ):
        with pytest.raises(RuntimeError):
            await change
    assert await office.accounts.roles_in(fay.first.account_id, ROOM) == {"facilitator"}
    assert await office.sessions.find(fay.first.token)
    assert office.ended == []


async def test_disabling_twice_says_so_once(office: Office) -> None:
    fay = await office.hire("fay")
    await office.accounts.disable(fay.first.account_id)
    await office.accounts.disable(fay.first.account_id)
    assert len(office.ended) == 1
