"""Fay's phone is gone: the old way in is shut at once, and a link opens a new one."""

import pyotp
import pytest
from sqlalchemy import select

from server.people import backup_codes, resets
from server.people.invitations import InvitationRefused
from server.people.sign_in import SignInRefused
from server.people.totp import new_secret
from server.storage.tables import audit
from tests.server.people.conftest import PASSWORD, ROOM, Office, Person

NEW_PASSWORD = "eleven slow barges pass"


async def reset(office: Office, login: str) -> str:
    return await resets.reset(office.database, office.secrets, login, office.clock.now)


async def take_up(office: Office, code: str, login: str = "fay") -> Person:
    """Somebody follows the link with a new phone."""
    secret = new_secret()
    now = office.clock.now
    digits = pyotp.TOTP(secret).generate_otp(int(now // 30))
    hidden = office.enrolment.seal(secret, now)
    signed_in = await office.invitations.accept(code, login, NEW_PASSWORD, hidden, digits)
    office.clock.pass_(minutes=1)
    return Person(login, secret, signed_in)


async def test_from_this_moment_the_lost_phone_opens_nothing(office: Office) -> None:
    fay = await office.hire("fay")
    codes = backup_codes.draw()
    kept, account = office.factors.backup_codes, fay.first.account_id
    await office.database.write(lambda c: kept.replace(c, account, codes))
    await reset(office, "fay")
    assert await office.sessions.find(fay.first.token) is None
    for code in (fay.code(office.clock.now), codes[0]):
        with pytest.raises(SignInRefused):
            await office.sign_in.attempt("fay", PASSWORD, code)


async def test_the_link_gives_a_new_password_and_phone_and_keeps_roles(office: Office) -> None:
    fay = await office.hire("fay")
    again = await take_up(office, await reset(office, "FAY"))
    assert again.first.account_id == fay.first.account_id
    assert await office.sessions.find(again.first.token)
    assert await office.accounts.roles_in(again.first.account_id, ROOM) == {"facilitator"}
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD, again.code(office.clock.now))
    await office.sign_in.attempt("fay", NEW_PASSWORD, again.code(office.clock.now))


async def test_the_link_is_good_once_and_for_the_same_name_alone(office: Office) -> None:
    await office.hire("fay")
    await office.hire("mo")
    code = await reset(office, "fay")
    with pytest.raises(InvitationRefused):
        await take_up(office, code, "mo")
    await take_up(office, code)
    with pytest.raises(InvitationRefused):
        await take_up(office, code)


async def test_the_link_ends_after_a_day(office: Office) -> None:
    await office.hire("fay")
    code = await reset(office, "fay")
    office.clock.pass_(minutes=resets.LIFETIME_MINUTES)
    with pytest.raises(InvitationRefused):
        await take_up(office, code)


async def test_a_second_reset_makes_the_first_link_worthless(office: Office) -> None:
    await office.hire("fay")
    first, second = await reset(office, "fay"), await reset(office, "fay")
    with pytest.raises(InvitationRefused):
        await take_up(office, first)
    await take_up(office, second)


async def test_a_link_does_not_open_an_account_that_was_disabled_meanwhile(office: Office) -> None:
    fay = await office.hire("fay")
    code = await reset(office, "fay")
    await office.accounts.disable(fay.first.account_id)
    with pytest.raises(InvitationRefused):
        await take_up(office, code)
    with pytest.raises(resets.NoSuchAccount):
        await reset(office, "fay")


@pytest.mark.parametrize("login", ["nobody", "not a name", ""])
async def test_nobody_is_reset(office: Office, login: str) -> None:
    with pytest.raises(resets.NoSuchAccount):
        await reset(office, login)


async def test_the_audit_says_that_it_was_done_and_names_nobody(office: Office) -> None:
    await office.hire("fay")
    await reset(office, "fay")
    rows = await office.database.read(lambda c: c.execute(select(audit)).mappings().all())
    assert [(row["kind"], row["room"], row["minute"]) for row in rows] == [
        ("StaffReset", "", int(office.clock.now // 60))
    ]
    assert len(rows[0]["target"]) == 16
    assert "fay" not in str(dict(rows[0]))


def test_the_link_carries_its_code_where_no_server_sees_it() -> None:
    assert resets.reset_path("abcd") == "/staff/reset#abcd"
