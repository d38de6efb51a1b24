"""Ten codes on paper: each opens the door once, for its owner, with the password."""

import asyncio
import re

import pytest
from sqlalchemy import select

from server.people import backup_codes
from server.people.secrets import Secrets
from server.people.sign_in import SignedIn, SignInRefused
from server.people.tables import backup_codes as table
from server.people.threshold import LIFETIME_S, ThresholdExpired, ThresholdForged
from tests.server.people.conftest import PASSWORD, Office, Person


async def write_down(office: Office, person: Person) -> list[str]:
    """The person draws codes and says that they are written down."""
    codes = backup_codes.draw()
    kept, account = office.factors.backup_codes, person.first.account_id
    await office.database.write(lambda c: kept.replace(c, account, codes))
    return codes


async def left(office: Office, person: Person) -> int:
    return await office.database.read(lambda c: backup_codes.left(c, person.first.account_id))


def test_there_are_ten_and_a_number_pad_can_type_them() -> None:
    codes = backup_codes.draw()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"(\d{4} ){4}\d{4}", code) for code in codes)


async def test_somebody_without_their_phone_comes_in_and_the_code_is_spent(office: Office) -> None:
    fay = await office.hire("fay")
    first, second, *_ = await write_down(office, fay)
    signed_in = await office.sign_in.attempt("fay", PASSWORD, first)
    assert await office.sessions.find(signed_in.token)
    assert await left(office, fay) == 9
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD, first)
    await office.sign_in.attempt("fay", PASSWORD, second)


@pytest.mark.parametrize(
    "typed", ["{bare}", "{dashed}", " {code} ", "{arabic}"], ids=["bare", "dashed", "spaces", "١٢٣"]
)
async def test_it_may_be_typed_as_it_comes(office: Office, typed: str) -> None:
    fay = await office.hire("fay")
    code = (await write_down(office, fay))[0]
    arabic = code.translate({ord("0") + digit: ord("٠") + digit for digit in range(10)})
    text = typed.format(
        code=code, bare=code.replace(" ", ""), dashed=code.replace(" ", "-"), arabic=arabic
    )
    await office.sign_in.attempt("fay", PASSWORD, text)


async def test_a_code_is_nothing_without_the_password(office: Office) -> None:
    fay = await office.hire("fay")
    code = (await write_down(office, fay))[0]
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD + "x", code)
    assert await left(office, fay) == 10


async def test_a_code_is_nothing_with_another_name(office: Office) -> None:
    fay, _ = await office.hire("fay"), await office.hire("mo")
    code = (await write_down(office, fay))[0]
    for name in ("mo", "nobody"):
        with pytest.raises(SignInRefused):
            await office.sign_in.attempt(name, PASSWORD, code)
    assert await left(office, fay) == 10


async def test_the_phone_still_works_beside_them(office: Office) -> None:
    fay = await office.hire("fay")
    await write_down(office, fay)
    await office.enter(fay)
    assert await left(office, fay) == 10


async def test_one_code_sent_many_times_at_once_opens_one_session(office: Office) -> None:
    fay = await office.hire("fay")
    code = (await write_down(office, fay))[0]
    answers = await asyncio.gather(
        *(office.sign_in.attempt("fay", PASSWORD, code) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert await left(office, fay) == 9


async def test_a_disabled_account_has_no_way_in(office: Office) -> None:
    fay = await office.hire("fay")
    code = (await write_down(office, fay))[0]
    await office.accounts.disable(fay.first.account_id)
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD, code)


async def test_a_password_changed_meanwhile_does_not_open(office: Office) -> None:
    fay = await office.hire("fay")
    code = (await write_down(office, fay))[0]
    account = fay.first.account_id
    digest = office.factors.backup_codes.digest(code, account)
    assert not await office.database.write(
        lambda c: backup_codes.spend(c, account, digest, "1:the one before")
    )
    assert await left(office, fay) == 10


async def test_new_codes_make_the_old_paper_worthless(office: Office) -> None:
    fay = await office.hire("fay")
    old = await write_down(office, fay)
    new = await write_down(office, fay)
    with pytest.raises(SignInRefused):
        await office.sign_in.attempt("fay", PASSWORD, old[0])
    await office.sign_in.attempt("fay", PASSWORD, new[0])


async def test_the_table_knows_no_code_and_another_deployment_could_not_check_one(
    office: Office,
) -> None:
    fay = await office.hire("fay")
    codes = await write_down(office, fay)
    digests = await office.database.read(lambda c: set(c.scalars(select(table.c.code_digest))))
    account = fay.first.account_id
    ours, other = office.factors.backup_codes, backup_codes.BackupCodes(Secrets(b"x" * 32))
    assert {ours.digest(code, account) for code in codes} == digests
    assert not {other.digest(code, account) for code in codes} & digests
    assert not {ours.digest(code, account + 1) for code in codes} & digests


def test_what_was_shown_comes_back_through_the_form_for_the_same_account_and_half_an_hour() -> None:
    kept = backup_codes.BackupCodes(Secrets(b"k" * 32))
    codes = backup_codes.draw()
    field = kept.seal(codes, 7, 1000.0)
    assert kept.open(field, 7, 1000.0 + LIFETIME_S) == codes
    assert codes[0].replace(" ", "") not in field
    with pytest.raises(ThresholdForged):
        kept.open(field, 8, 1000.0)
    with pytest.raises(ThresholdExpired):
        kept.open(field, 7, 1001.0 + LIFETIME_S)
