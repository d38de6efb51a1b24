"""Sessions of staff: how long they hold and how they end."""

from hashlib import sha256

import pytest
from sqlalchemy import select

from server.people.sessions import SessionsEnded, hash_of
from server.people.tables import sessions
from tests.server.people.conftest import Office


async def test_a_session_is_found_by_its_token_and_by_nothing_else(office: Office) -> None:
    fay = await office.hire("fay")
    session = await office.sessions.find(fay.first.token)
    assert session is not None
    assert session.account_id == fay.first.account_id
    for wrong in (
        "",
        "x",
        fay.first.token + "A",
        fay.first.token[:-1],
        session.hash.hex(),
        "\ud800",
    ):
        assert await office.sessions.find(wrong) is None


async def test_the_table_knows_a_digest_of_256_random_bits_and_nothing_of_the_browser(
    office: Office,
) -> None:
    fay = await office.hire("fay")
    row = (await office.database.read(lambda c: c.execute(select(sessions)).one()))._asdict()
    assert (
        row["token_hash"] == sha256(fay.first.token.encode()).digest() == hash_of(fay.first.token)
    )
    assert len(fay.first.token) == 43
    assert row.keys() == {"token_hash", "account_id", "created_minute", "used_minute"}


async def test_half_an_hour_without_use_ends_a_session(office: Office) -> None:
    fay = await office.hire("fay")
    office.clock.pass_(minutes=28)
    assert await office.sessions.find(fay.first.token)
    office.clock.pass_(minutes=29)
    assert await office.sessions.find(fay.first.token)
    office.clock.pass_(minutes=30)
    assert await office.sessions.find(fay.first.token) is None


async def test_an_open_socket_alone_is_no_use(office: Office) -> None:
    fay = await office.hire("fay")
    for _ in range(28):
        office.clock.pass_(minutes=1)
        assert await office.sessions.find(fay.first.token, used=False)
    office.clock.pass_(minutes=1)
    assert await office.sessions.find(fay.first.token, used=False) is None


async def test_a_session_holds_while_the_database_can_only_be_read(office: Office) -> None:
    fay = await office.hire("fay")
    await office.database.write(
        lambda c: c.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    )
    office.clock.pass_(minutes=20)
    assert await office.sessions.find(fay.first.token)
    office.clock.pass_(minutes=20)
    assert await office.sessions.find(fay.first.token) is None


async def test_after_twelve_hours_even_a_busy_session_ends(office: Office) -> None:
    fay = await office.hire("fay")
    for _ in range(12 * 60 // 15 - 1):
        office.clock.pass_(minutes=15)
        assert await office.sessions.find(fay.first.token)
    office.clock.pass_(minutes=14)
    assert await office.sessions.find(fay.first.token) is None


async def test_signing_out_ends_one_browser_and_closes_its_sockets(office: Office) -> None:
    fay = await office.hire("fay")
    phone, laptop = await office.enter(fay), await office.enter(fay)
    session = await office.sessions.find(phone.token)
    assert session is not None
    await office.sessions.end_session(session)
    assert await office.sessions.find(phone.token) is None
    assert await office.sessions.find(laptop.token)
    assert office.ended == [SessionsEnded(phone.account_id, frozenset({session.hash}))]


async def test_signing_out_everywhere_ends_ones_own_sessions_alone(office: Office) -> None:
    fay, mo = await office.hire("fay"), await office.hire("mo")
    phone = await office.enter(fay)
    await office.sessions.end_all_sessions(fay.first.account_id)
    assert await office.sessions.find(phone.token) is None
    assert await office.sessions.find(fay.first.token) is None
    assert await office.sessions.find(mo.first.token)
    tokens = {fay.first.token, phone.token}
    assert office.ended == [SessionsEnded(fay.first.account_id, frozenset(map(hash_of, tokens)))]


async def test_somebody_sees_where_they_are_signed_in_by_the_minute_it_began(
    office: Office,
) -> None:
    fay = await office.hire("fay")
    phone = await office.enter(fay)
    listed = await office.sessions.of(fay.first.account_id)
    assert [session.hash for session in listed] == [hash_of(phone.token), hash_of(fay.first.token)]
    assert listed[0].created_minute == listed[1].created_minute + 1
    office.clock.pass_(minutes=30)
    assert await office.sessions.of(fay.first.account_id) == []


async def test_rows_of_old_sessions_are_swept_and_others_stay(office: Office) -> None:
    fay = await office.hire("fay")
    office.clock.pass_(minutes=20)
    phone = await office.enter(fay)
    office.clock.pass_(minutes=15)
    assert await office.sessions.sweep() == 1
    assert await office.sessions.sweep() == 0
    assert await office.sessions.find(phone.token)


async def test_ending_a_session_twice_is_no_error(office: Office) -> None:
    fay = await office.hire("fay")
    session = await office.sessions.find(fay.first.token)
    assert session is not None
    await office.sessions.end_session(session)
    await office.sessions.end_session(session)
    assert await office.sessions.find(fay.first.token) is None


@pytest.mark.parametrize("minutes", [0, 45])
async def test_a_session_of_a_disabled_account_is_not_found(office: Office, minutes: int) -> None:
    fay = await office.hire("fay")
    office.clock.pass_(minutes=minutes)
    await office.accounts.disable(fay.first.account_id)
    assert await office.sessions.find(fay.first.token) is None
