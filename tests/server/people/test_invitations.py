"""Invitations: the only way to become staff."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from rooms.refusals import Refused
from server.people.accounts import LoginTaken, LoginUnusable
from server.people.invitations import (
    InvitationRefused,
    SecondFactorRefused,
    create_invitation,
    invitation_path,
)
from server.people.passwords import PasswordTooLong, PasswordTooWeak
from server.people.sign_in import SignedIn
from server.people.tables import EVERY_ROOM, accounts, invitations, roles, sessions
from server.people.threshold import ThresholdExpired, ThresholdForged
from server.people.totp import new_secret
from tests.server.people.conftest import PASSWORD, ROOM, Office, Person


class Form:
    """The invitation's page as somebody has filled it in."""

    def __init__(self, office: Office, code: str, login: str = "fay") -> None:
        secret = new_secret()
        self.person = Person(login, secret, SignedIn(0, ""))
        self.fields: dict[str, Any] = {
            "code": code,
            "login": login,
            "password": PASSWORD,
            "enrolment": office.enrolment.seal(secret, office.clock.now),
            "digits": self.person.code(office.clock.now),
        }

    async def send(self, office: Office, **changed: str) -> SignedIn:
        return await office.invitations.accept(**(self.fields | changed))


async def count(office: Office, table: Table) -> int:
    return await office.database.read(
        lambda c: c.execute(select(func.count()).select_from(table)).scalar_one()
    )


async def test_an_invitation_makes_an_account_with_its_role_and_signs_it_in(
    office: Office,
) -> None:
    form = Form(office, await office.invite(role="facilitator"))
    signed_in = await form.send(office)
    session = await office.sessions.find(signed_in.token)
    assert session is not None
    assert session.account_id == signed_in.account_id
    assert await office.accounts.rooms_of(signed_in.account_id) == {ROOM: {"facilitator"}}
    office.clock.pass_(minutes=1)
    await office.enter(Person("fay", form.person.secret, signed_in))


async def test_a_moderator_is_invited_across_rooms(office: Office) -> None:
    code = await office.invite(EVERY_ROOM, "moderator")
    signed_in = await Form(office, code, "mo").send(office)
    assert await office.accounts.rooms_of(signed_in.account_id) == {EVERY_ROOM: {"moderator"}}


async def test_a_code_has_128_random_bits_and_the_table_knows_its_digest(office: Office) -> None:
    codes = {await office.invite() for _ in range(20)}
    assert len(codes) == 20
    for code in codes:
        letters = code.replace("-", "")
        assert len(letters) == 26
        assert set(letters) <= set("abcdefghijklmnopqrstuvwxyz234567")
    stored = await office.database.read(
        lambda c: c.execute(select(invitations.c.code_hash)).scalars().all()
    )
    assert all(len(digest) == 64 for digest in stored)
    assert not any(code in " ".join(stored) for code in codes)


async def test_the_link_carries_the_code_where_no_server_sees_it(office: Office) -> None:
    code = await office.invite()
    assert invitation_path(code) == f"/staff/invitation#{code}"


@pytest.mark.parametrize("spell", [str.upper, lambda c: c.replace("-", ""), lambda c: f" {c}\n"])
async def test_without_script_a_code_may_be_typed_in_ones_own_way(
    office: Office, spell: Any
) -> None:
    await Form(office, spell(await office.invite())).send(office)


async def test_a_code_is_good_once(office: Office) -> None:
    code = await office.invite()
    await Form(office, code, "fay").send(office)
    with pytest.raises(InvitationRefused):
        await Form(office, code, "mo").send(office)
    assert await count(office, accounts) == 1


async def test_of_two_people_with_one_code_one_wins(office: Office) -> None:
    code = await office.invite()
    forms = [Form(office, code, f"fay{n}") for n in range(6)]
    answers = await asyncio.gather(*(f.send(office) for f in forms), return_exceptions=True)
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert sum(isinstance(answer, InvitationRefused) for answer in answers) == 5
    assert [await count(office, table) for table in (accounts, roles, sessions)] == [1, 1, 1]


async def test_of_two_invited_people_with_one_name_one_gets_it(office: Office) -> None:
    forms = [Form(office, await office.invite(), "fay") for _ in range(2)]
    answers = await asyncio.gather(*(f.send(office) for f in forms), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["LoginTaken", "SignedIn"]
    assert await count(office, invitations) == 1


async def test_a_code_is_good_for_seven_days(office: Office) -> None:
    early, late = await office.invite(), await office.invite()
    office.clock.pass_(minutes=7 * 24 * 60 - 1)
    await Form(office, early, "fay").send(office)
    office.clock.pass_(minutes=1)
    with pytest.raises(InvitationRefused):
        await Form(office, late, "mo").send(office)


async def test_an_invitation_may_be_taken_back(office: Office) -> None:
    code = await office.invite()
    assert await office.invitations.revoke(code)
    assert not await office.invitations.revoke(code)
    with pytest.raises(InvitationRefused):
        await Form(office, code).send(office)


@pytest.mark.parametrize(
    "code", ["", "a", "a" * 26, "a" * 25, "1" * 1_000_000, "ä" * 26, "\ud800" * 26, "8" * 26]
)
async def test_a_guessed_code_is_refused_and_hashes_nothing(office: Office, code: str) -> None:
    await office.invite()
    before = office.hasher.runs
    with pytest.raises(InvitationRefused):
        await Form(office, code).send(office)
    assert office.hasher.runs == before


async def test_without_an_invitation_nobody_learns_which_names_exist(office: Office) -> None:
    await office.hire("fay")
    for login in ("fay", "nobody", "not a name"):
        with pytest.raises(InvitationRefused):
            await Form(office, "a" * 26, login).send(office)


async def test_the_room_and_the_role_are_the_invitations_and_cannot_be_asked_for(
    office: Office,
) -> None:
    code = await office.invite("aaaaaa", "greeter")
    signed_in = await Form(office, code).send(office)
    assert await office.accounts.roles_in(signed_in.account_id, ROOM) == frozenset()
    assert await office.accounts.roles_in(signed_in.account_id, "aaaaaa") == {"greeter"}


async def test_an_invitation_for_a_name_is_for_that_name(office: Office) -> None:
    code = await office.invite(login="Fay")
    with pytest.raises(InvitationRefused):
        await Form(office, code, "mo").send(office)
    await Form(office, code, "FAY").send(office)


async def test_a_slip_leaves_the_invitation_as_good_as_before(office: Office) -> None:
    code = await office.invite()
    form = Form(office, code)
    await office.hire("mo")
    form = Form(office, code)
    slips: list[tuple[type[Refused], dict[str, str]]] = [
        (LoginUnusable, {"login": "not a name"}),
        (LoginTaken, {"login": "mo"}),
        (PasswordTooWeak, {"password": "short"}),
        (PasswordTooLong, {"password": "long enough " * 100}),
        (SecondFactorRefused, {"digits": "12345"}),
        (ThresholdForged, {"enrolment": "forged"}),
        (
            ThresholdExpired,
            {"enrolment": office.enrolment.seal(new_secret(), office.clock.now - 1801)},
        ),
    ]
    for expected, changed in slips:
        with pytest.raises(expected):
            await form.send(office, **changed)
    assert await count(office, accounts) == 1
    await form.send(office)


async def test_a_role_or_a_name_that_cannot_be_is_refused_when_inviting(office: Office) -> None:
    await office.hire("fay")
    with pytest.raises(ValueError, match="facilitator"):
        await office.invite(ROOM, "operator")
    with pytest.raises(ValueError, match="moderator"):
        await office.invite(EVERY_ROOM, "facilitator")
    with pytest.raises(LoginUnusable):
        await office.invite(login="not a name")
    with pytest.raises(LoginTaken):
        await office.invite(login="fay")
    assert await count(office, invitations) == 0


async def test_inviting_clears_away_what_nobody_used(office: Office) -> None:
    await office.invite()
    office.clock.pass_(minutes=7 * 24 * 60)
    await create_invitation(office.database, room_id=ROOM, role="reader", now=office.clock.now)
    assert await count(office, invitations) == 1
