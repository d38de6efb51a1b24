"""Who somebody is: a guest by their words, staff by their session and only in their own room."""

from collections.abc import Mapping

from httpx2 import AsyncClient
from starlette.requests import HTTPConnection

from rooms.room import Role
from server.people.cookie import words_cookie
from server.people.words import draw
from tests.web.house import House
from web.identity import Identity


def asking(cookies: Mapping[str, str]) -> HTTPConnection:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return HTTPConnection({"type": "http", "headers": [(b"cookie", header.encode())]})


def of(browser: AsyncClient) -> HTTPConnection:
    return asking(dict(browser.cookies))


def with_words() -> dict[str, str]:
    name, _, value = words_cookie(draw(), False, False).partition(";")[0].partition("=")
    return {name: value}


async def test_somebody_without_words_is_nobody_yet(house: House) -> None:
    identity = Identity(house.parts)
    assert identity.guest(asking({})) is None
    assert await identity.who(asking({"words": "forged"}), house.card.id, as_staff=False) is None


async def test_one_person_is_known_by_another_tag_in_each_room(house: House) -> None:
    identity, ada = Identity(house.parts), asking(with_words())
    here = await identity.who(ada, house.card.id, as_staff=False)
    there = await identity.who(ada, "zzzzzz", as_staff=False)
    assert here is not None
    assert there is not None
    assert here.tag != there.tag
    assert here.role is Role.MEMBER
    assert here == await identity.who(ada, house.card.id, as_staff=False)


async def test_a_facilitator_is_one_in_their_room_and_nowhere_else(house: House) -> None:
    fay, _ = await house.staff("fay")
    identity = Identity(house.parts)
    here = await identity.who(of(fay), house.card.id, as_staff=True)
    assert here is not None
    assert here.role is Role.FACILITATOR
    assert await identity.who(of(fay), "zzzzzz", as_staff=True) is None


async def test_staff_who_did_not_ask_to_be_are_a_guest_like_anybody(house: House) -> None:
    fay, _ = await house.staff("fay")
    who = await Identity(house.parts).who(
        asking(dict(fay.cookies) | with_words()), house.card.id, as_staff=False
    )
    assert who is not None
    assert who.role is Role.MEMBER


async def test_a_guest_who_asks_to_be_staff_is_nobody(house: House) -> None:
    asked = await Identity(house.parts).who(asking(with_words()), house.card.id, as_staff=True)
    assert asked is None


async def test_a_role_that_was_taken_is_gone_with_the_next_request(house: House) -> None:
    fay, _ = await house.staff("fay")
    account = await house.parts.accounts.by_login("fay")
    assert account is not None
    await house.parts.accounts.take_role(account.id, house.card.id, "facilitator")
    assert await Identity(house.parts).staff(of(fay), house.card.id) is None


async def test_everything_a_browser_may_be_is_found_when_it_leaves(house: House) -> None:
    fay, _ = await house.staff("fay")
    identity = Identity(house.parts)
    both = asking(dict(fay.cookies) | with_words())
    tags = {tag_in(house.card.id) for tag_in in await identity.tags(both)}
    guest = await identity.who(both, house.card.id, as_staff=False)
    staff = await identity.who(both, house.card.id, as_staff=True)
    assert guest is not None
    assert staff is not None
    assert tags == {guest.tag, staff.tag}
    assert await identity.tags(asking({})) == []
