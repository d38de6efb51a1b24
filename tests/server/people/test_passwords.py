"""Passwords: what is stored, what it costs, and who pays."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from argon2 import PasswordHasher, Type

from server.people.passwords import (
    RECOMMENDED,
    RUNNING,
    WAITING,
    PasswordPoolBusy,
    Passwords,
    PasswordTooLong,
    PasswordTooWeak,
    check_new,
)
from tests.server.people.conftest import CountingHasher

PASSWORD = "seven grey herons walk"


class StuckHasher(CountingHasher):
    """Argon2id that does not finish before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        assert self.go.wait(30)
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def passwords(hasher: CountingHasher) -> Iterator[Passwords]:
    passwords = Passwords({1: b"pepper"}, hasher)
    yield passwords
    passwords.close()


def test_the_default_is_argon2id_with_64_mib_three_passes_and_one_lane() -> None:
    assert RECOMMENDED.type is Type.ID
    assert (RECOMMENDED.memory_cost, RECOMMENDED.time_cost) == (64 * 1024, 3)
    assert (RECOMMENDED.parallelism, RECOMMENDED.hash_len, RECOMMENDED.salt_len) == (1, 32, 16)


async def test_a_deployment_hashes_at_the_default_and_knows_its_own_hash() -> None:
    passwords = Passwords({1: b"pepper"})
    try:
        stored = await passwords.hash(PASSWORD)
        assert stored.startswith("1:$argon2id$v=19$m=65536,t=3,p=1$")
        assert await passwords.matches(PASSWORD, stored)
        assert not await passwords.matches(PASSWORD + "s", stored)
        assert not await passwords.matches(PASSWORD, None)
    finally:
        passwords.close()


async def test_the_same_password_is_stored_differently_each_time(passwords: Passwords) -> None:
    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


async def test_a_password_is_the_same_from_every_keyboard(passwords: Passwords) -> None:
    stored = await passwords.hash("caf\u00e9 caf\u00e9 caf\u00e9 caf\u00e9")
    assert await passwords.matches("cafe\u0301 cafe\u0301 cafe\u0301 cafe\u0301", stored)


async def test_a_stolen_table_without_the_pepper_checks_nothing(passwords: Passwords) -> None:
    stored = await passwords.hash(PASSWORD)
    thief = Passwords({1: b"guess"}, CountingHasher())
    try:
        assert not await thief.matches(PASSWORD, stored)
    finally:
        thief.close()


async def test_an_old_pepper_still_opens_and_asks_to_be_renewed(passwords: Passwords) -> None:
    stored = await passwords.hash(PASSWORD)
    assert not passwords.needs_rehash(stored)
    rotated = Passwords({1: b"pepper", 2: b"new pepper"}, CountingHasher())
    try:
        assert await rotated.matches(PASSWORD, stored)
        assert rotated.needs_rehash(stored)
        renewed = await rotated.hash(PASSWORD)
        assert renewed.startswith("2:")
        assert await rotated.matches(PASSWORD, renewed)
        assert not rotated.needs_rehash(renewed)
    finally:
        rotated.close()


async def test_a_hash_with_other_costs_asks_to_be_renewed(passwords: Passwords) -> None:
    stored = await passwords.hash(PASSWORD)
    dearer = Passwords({1: b"pepper"}, PasswordHasher(2, 16, 1))
    try:
        assert await dearer.matches(PASSWORD, stored)
        assert dearer.needs_rehash(stored)
    finally:
        dearer.close()


@pytest.mark.parametrize("stored", [None, "", "1:", "9:$argon2id$", "nonsense"])
async def test_nothing_matches_what_is_no_hash_and_it_costs_the_same(
    passwords: Passwords, hasher: CountingHasher, stored: str | None
) -> None:
    assert not await passwords.matches(PASSWORD, stored)
    assert hasher.runs == 1


async def test_a_damaged_hash_matches_nothing(passwords: Passwords) -> None:
    assert not await passwords.matches(PASSWORD, "1:nonsense")


@pytest.mark.parametrize(
    "password",
    [
        "x" * 129,
        "x" * 1024 * 1024,
        "é" * 65,
        "u\u0308\u0304" * 64,
        "\U0001d15e" * 30,
        "\ud800" * 43,
    ],
)
async def test_a_megabyte_is_refused_before_it_is_hashed(
    passwords: Passwords, hasher: CountingHasher, password: str
) -> None:
    for refused in (
        passwords.hash(password),
        passwords.matches(password, None),
        passwords.matches(password, "1:$argon2id$"),
    ):
        with pytest.raises(PasswordTooLong):
            await refused
    assert hasher.runs == 0


async def test_128_bytes_are_not_too_long(passwords: Passwords) -> None:
    longest = "abcdefgh" * 16
    assert await passwords.matches(longest, await passwords.hash(longest))


@pytest.mark.parametrize(
    "password",
    [
        "",
        "fourteen-chars",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "ABCDabcdABCDabcdABCD",
        "fayfayfayfayfayfay",
        "my name is FAY, you know",
    ],
)
def test_an_easy_password_is_refused_when_it_is_chosen(password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        check_new(password, "fay")


@pytest.mark.parametrize("password", [PASSWORD, "fifteen-chars-x", "пять серых цапель идут"])
def test_a_long_sentence_is_a_good_password(password: str) -> None:
    check_new(password, "fay")


async def test_two_run_twenty_wait_and_the_next_is_told_to_come_back() -> None:
    hasher = StuckHasher()
    passwords = Passwords({1: b"pepper"}, hasher)
    waiting = [
        asyncio.ensure_future(passwords.matches(PASSWORD, None)) for _ in range(RUNNING + WAITING)
    ]
    try:
        await asyncio.sleep(0)
        with pytest.raises(PasswordPoolBusy) as busy:
            await passwords.matches(PASSWORD, None)
        assert busy.value.retry
    finally:
        hasher.go.set()
        assert await asyncio.gather(*waiting) == [False] * 22
    assert not await passwords.matches(PASSWORD, None)
    passwords.close()


async def test_hanging_up_does_not_free_the_place_of_a_hash_that_still_runs() -> None:
    hasher = StuckHasher()
    passwords = Passwords({1: b"pepper"}, hasher)

    def knock(count: int) -> list["asyncio.Future[bool]"]:
        return [asyncio.ensure_future(passwords.matches(PASSWORD, None)) for _ in range(count)]

    hung_up = knock(RUNNING + WAITING)
    await asyncio.sleep(0.05)
    for attempt in hung_up:
        attempt.cancel()
    await asyncio.gather(*hung_up, return_exceptions=True)
    again = knock(WAITING)
    await asyncio.sleep(0)
    try:
        with pytest.raises(PasswordPoolBusy):
            await passwords.matches(PASSWORD, None)
    finally:
        hasher.go.set()
        await asyncio.gather(*again)
        passwords.close()
    assert hasher.runs == RUNNING + WAITING


async def test_talk_goes_on_while_passwords_are_hashed() -> None:
    hasher = StuckHasher()
    passwords = Passwords({1: b"pepper"}, hasher)
    attempt = asyncio.ensure_future(passwords.matches(PASSWORD, None))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not attempt.done()
    hasher.go.set()
    await attempt
    passwords.close()


async def test_after_closing_nobody_waits_for_ever(passwords: Passwords) -> None:
    passwords.close()
    for _ in range(RUNNING + WAITING + 1):
        with pytest.raises(PasswordPoolBusy):
            await passwords.matches(PASSWORD, None)
