"""The door for staff."""

import asyncio

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, func, select

from server.people.delays import TooSoon
from server.people.passwords import PasswordPoolBusy, Passwords, PasswordTooLong
from server.people.secrets import PEPPER
from server.people.sessions import hash_of
from server.people.sign_in import SignedIn, SignIn, SignInRefused, spend_step
from server.people.tables import accounts, sessions
from tests.server.people.conftest import PASSWORD, Office, Person


async def test_name_password_and_code_open_the_door(office: Office) -> None:
    fay = await office.hire("fay")
    signed_in = await office.enter(fay)
    session = await office.sessions.find(signed_in.token)
    assert session is not None
    assert session.account_id == signed_in.account_id == fay.first.account_id


async def test_the_name_may_be_typed_in_any_case(office: Office) -> None:
    fay = await office.hire("fay")
    await office.sign_in.attempt(" FAY ", PASSWORD, fay.code(office.clock.now))


async def test_every_mistake_gets_the_same_answer(office: Office) -> None:
    fay, bo = await office.hire("fay"), await office.hire("bo")
    now = office.clock.now
    answers = set()
    for login, password, code in (
        ("fay", PASSWORD + "x", fay.code(now)),
        ("fay", PASSWORD, "000000" if fay.code(now) != "000000" else "000001"),
        ("fay", PASSWORD, bo.code(now)),
        ("fay", PASSWORD, ""),
        ("fay", "", fay.code(now)),
        ("nobody", PASSWORD, fay.code(now)),
        ("not a name", PASSWORD, fay.code(now)),
        ("\ud800", "\ud800", "\ud800"),
    ):
        office.clock.pass_(minutes=1)
        with pytest.raises(SignInRefused) as refused:
            await office.sign_in.attempt(login, password, code)
        answers.add((refused.value.code, refused.value.text, str(refused.value.facts)))
    assert len(answers) == 1


async def test_known_and_unknown_names_cost_exactly_one_argon2(office: Office) -> None:
    """The time of an answer tells nobody who works here."""
    fay, mo = await office.hire("fay"), await office.hire("mo")
    await office.accounts.disable(mo.first.account_id)
    costs = {}
    for login, password in (
        ("fay", "wrong password here"),
        ("fay", PASSWORD),
        ("nobody", PASSWORD),
        ("mo", PASSWORD),
        ("not a name", PASSWORD),
    ):
        before = office.hasher.runs
        with pytest.raises(SignInRefused):
            await office.sign_in.attempt(login, password, "12345")
        costs[login, password] = office.hasher.runs - before
    assert set(costs.values()) == {1}
    before = office.hasher.runs
    office.clock.pass_(minutes=2)
    await office.enter(fay)
    assert office.hasher.runs == before + 1


async def test_a_code_works_once(office: Office) -> None:
    fay = await office.hire("fay")
    code = fay.code(office.clock.now)
    await office.sign_in.attempt("fay", PASSWORD, code)
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD, code)


async def test_the_code_that_enrolled_does_not_sign_in_too(office: Office) -> None:
    fay = await office.hire("fay")
    office.clock.pass_(minutes=-1)  # back to the half minute in which she enrolled
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD, fay.code(office.clock.now))


async def test_one_code_sent_many_times_at_once_opens_one_session(office: Office) -> None:
    fay = await office.hire("fay")
    code = fay.code(office.clock.now)
    before = await _session_count(office)
    answers = await asyncio.gather(
        *(office.sign_in.attempt("fay", PASSWORD, code) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert sum(isinstance(answer, SignInRefused) for answer in answers) == 2
    assert await _session_count(office) == before + 1


async def test_a_step_is_spent_by_one_statement(office: Office) -> None:
    """Both requests may have found the code right before either writes."""
    fay = await office.hire("fay")
    stored = await office.database.read(
        lambda c: c.execute(select(accounts.c.password_hash)).scalar_one()
    )
    step = int(office.clock.now // 30)

    def spend(connection: Connection) -> bool:
        return spend_step(connection, fay.first.account_id, step, stored)

    assert await office.database.write(spend)
    assert not await office.database.write(spend)


async def test_a_password_changed_meanwhile_does_not_open(office: Office) -> None:
    fay = await office.hire("fay")
    step = int(office.clock.now // 30)
    assert not await office.database.write(
        lambda c: spend_step(c, fay.first.account_id, step, "1:the one before")
    )


async def test_an_account_disabled_meanwhile_does_not_open(office: Office) -> None:
    fay = await office.hire("fay")
    stored = await _stored(office)
    await office.accounts.disable(fay.first.account_id)
    step = int(office.clock.now // 30)
    assert not await office.database.write(
        lambda c: spend_step(c, fay.first.account_id, step, stored)
    )


async def test_a_wrong_password_does_not_use_up_the_code(office: Office) -> None:
    fay = await office.hire("fay")
    code = fay.code(office.clock.now)
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD + "x", code)
    await office.sign_in.attempt("fay", PASSWORD, code)


async def test_each_sign_in_is_a_new_session_and_the_browsers_old_one_dies(
    office: Office,
) -> None:
    """Whoever plants a session in somebody's browser beforehand is left with nothing."""
    fay = await office.hire("fay")
    planted = fay.first.token
    code = fay.code(office.clock.now)
    signed_in = await office.sign_in.attempt("fay", PASSWORD, code, previous=planted)
    assert signed_in.token != planted
    assert await office.sessions.find(planted) is None
    assert await office.sessions.find(signed_in.token)
    assert [ended.hashes for ended in office.ended] == [{hash_of(planted)}]


@pytest.mark.parametrize("planted", ["", "planted-by-a-stranger", "\ud800"])
async def test_a_token_that_is_no_session_never_becomes_one(office: Office, planted: str) -> None:
    fay = await office.hire("fay")
    code = fay.code(office.clock.now)
    signed_in = await office.sign_in.attempt("fay", PASSWORD, code, previous=planted)
    assert signed_in.token != planted
    assert await office.sessions.find(planted) is None
    assert office.ended == []


async def test_a_refused_sign_in_ends_nobodys_session(office: Office) -> None:
    fay = await office.hire("fay")
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", "wrong", "000000", previous=fay.first.token)
    assert await office.sessions.find(fay.first.token)


async def test_fifty_wrong_passwords_lock_nobody_out(office: Office) -> None:
    fay, mo = await office.hire("fay"), await office.hire("mo")
    waits = []
    for _ in range(50):
        with pytest.raises(SignInRefused):
            await office.sign_in.attempt("fay", "wrong password here", "000000")
        waits.append(await _wait_out(office, fay))
    assert waits == sorted(waits)
    assert waits[0] == 0
    assert waits[-1] == 60
    await office.enter(fay)
    await office.enter(mo)


async def test_during_the_wait_even_the_right_password_is_told_when_and_costs_nothing(
    office: Office,
) -> None:
    fay, mo = await office.hire("fay"), await office.hire("mo")
    for _ in range(3):
        with pytest.raises(SignInRefused):
            await office.sign_in.attempt("fay", "wrong password here", "000000")
    before = office.hasher.runs
    with pytest.raises(TooSoon) as too_soon:
        await office.sign_in.attempt("fay", PASSWORD, fay.code(office.clock.now))
    assert too_soon.value.facts == {"retry_after": 1}
    assert office.hasher.runs == before
    await office.sign_in.attempt("mo", PASSWORD, mo.code(office.clock.now))
    office.clock.pass_(seconds=1)
    await office.sign_in.attempt("fay", PASSWORD, fay.code(office.clock.now))


async def test_a_sign_in_wipes_out_the_slips_before_it(office: Office) -> None:
    fay = await office.hire("fay")
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(SignInRefused):
                await office.sign_in.attempt("fay", "slip of the finger", "000000")
        await office.enter(fay)


async def test_unknown_names_wait_like_known_ones(office: Office) -> None:
    for login in ("nobody", "not a name"):
        for _ in range(3):
            with pytest.raises(SignInRefused):
                await office.sign_in.attempt(login, PASSWORD, "000000")
        with pytest.raises(TooSoon):
            await office.sign_in.attempt(login, PASSWORD, "000000")


async def test_an_over_long_password_never_reaches_argon2(office: Office) -> None:
    fay = await office.hire("fay")
    before = office.hasher.runs
    for login in ("fay", "nobody"):
        with pytest.raises(PasswordTooLong):
            await office.sign_in.attempt(login, "x" * 1024 * 1024, fay.code(office.clock.now))
    assert office.hasher.runs == before


async def test_a_crowd_at_the_door_is_not_held_against_anybody(office: Office) -> None:
    fay = await office.hire("fay")
    office.passwords.close()  # from now on the pool answers as if it were full
    for _ in range(5):
        with pytest.raises(PasswordPoolBusy):
            await office.sign_in.attempt("fay", PASSWORD, fay.code(office.clock.now))


async def test_a_sign_in_renews_a_hash_with_yesterdays_costs(office: Office) -> None:
    fay = await office.hire("fay")
    dearer = Passwords({1: office.secrets.derive(PEPPER)}, PasswordHasher(2, 16, 1))
    door = SignIn(office.database, dearer, office.factors, office.sessions, office.clock)
    before = await _stored(office)
    try:
        await door.attempt("fay", PASSWORD, fay.code(office.clock.now))
        assert await _stored(office) != before
        assert not dearer.needs_rehash(await _stored(office))
        office.clock.pass_(minutes=1)
        await door.attempt("fay", PASSWORD, fay.code(office.clock.now))
    finally:
        dearer.close()


async def test_renewing_a_hash_does_not_undo_a_password_changed_meanwhile(
    office: Office,
) -> None:
    fay = await office.hire("fay")
    before = await _stored(office)
    await office.sign_in._renew_hash(fay.first.account_id, PASSWORD, "0:an older one")
    assert await _stored(office) == before


async def _wait_out(office: Office, person: Person) -> int:
    """How long the name must wait now, found out by trying; the time passes meanwhile."""
    try:
        office.delays.begin(person.login)
    except TooSoon as too_soon:
        seconds = too_soon.facts["retry_after"]
        assert isinstance(seconds, int)
        office.clock.pass_(seconds=seconds)
        return seconds
    office.delays.unanswered(person.login)
    return 0


async def _session_count(office: Office) -> int:
    return await office.database.read(
        lambda c: c.execute(select(func.count()).select_from(sessions)).scalar_one()
    )


async def _stored(office: Office) -> str:
    return await office.database.read(
        lambda c: c.execute(select(accounts.c.password_hash)).scalar_one()
    )
